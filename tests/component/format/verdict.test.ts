import { expect, test } from 'vitest';
import { verdictLine } from '../../../dashboard/src/lib/format/verdict.ts';

const ENCODINGS = ['plain', 'url', 'base64', 'hex'] as const;

test('says how often a secret was found, and in how many bytes', () => {
  const password = { needle: 'monsoon-42', searchedBytes: 1964, encodings: ENCODINGS, found: 1 };
  const mobile = { needle: '9800000012', searchedBytes: 1964, encodings: ENCODINGS, found: 2 };
  expect(verdictLine(password, mobile).text).toBe(
    'Found the password 1× and the mobile number 2× in 1,964 bytes',
  );
});

test('names the hash where that is what was searched for', () => {
  const hash = { needle: 'ab'.repeat(32), searchedBytes: 900, encodings: ENCODINGS, found: 1 };
  const said = (found: number) =>
    verdictLine({ ...hash, found }, { ...hash, found: 0 }, { isHash: true }).text;
  expect(said(1)).toBe('Found the password’s hash 1× in 900 bytes');
  expect(said(0)).toMatch(/^Searched 900 bytes for the password’s hash \(/);
});

test('says what was searched, and how, when nothing was found', () => {
  const verdict = { needle: 'monsoon-42', searchedBytes: 5207, encodings: ENCODINGS, found: 0 };
  expect(verdictLine(verdict, verdict)).toEqual({
    isFound: false,
    isSearched: true,
    text: 'Searched 5,207 bytes for the password (plain, URL-encoded, base64, hex): 0 found',
  });
});

test('claims nothing before anything was typed', () => {
  const verdict = { searchedBytes: 900, encodings: ENCODINGS, found: 0 };
  expect(verdictLine(verdict, verdict)).toMatchObject({ isSearched: false, isFound: false });
});

const TOO_SHORT = 'too short to search for: under 4 characters would turn up by chance';
const NOT_ENTERED = { searchedBytes: 0, encodings: ENCODINGS, found: 0 };
const SHORT = { needle: 'abc', searchedBytes: 0, encodings: [], found: 0 };
const MOBILE = { needle: '9800000012', searchedBytes: 1964, encodings: ENCODINGS, found: 0 };

test('says that a password is too short to search for, and what was searched instead', () => {
  expect(verdictLine(SHORT, NOT_ENTERED)).toEqual({
    isFound: false,
    isSearched: false,
    text: `The password is ${TOO_SHORT}`,
  });
  expect(verdictLine(SHORT, MOBILE)).toEqual({
    isFound: false,
    isSearched: true,
    text:
      `The password is ${TOO_SHORT}. ` +
      'Searched 1,964 bytes for the mobile number (plain, URL-encoded, base64, hex): 0 found',
  });
});

test('says what the search for a mobile number alone came to', () => {
  expect(verdictLine(NOT_ENTERED, MOBILE).text).toBe(
    'Searched 1,964 bytes for the mobile number (plain, URL-encoded, base64, hex): 0 found',
  );
  expect(verdictLine(NOT_ENTERED, { ...MOBILE, found: 3 }).text).toBe(
    'Found the mobile number 3× in 1,964 bytes',
  );
  expect(verdictLine(NOT_ENTERED, SHORT).text).toBe(`The mobile number is ${TOO_SHORT}`);
});

test('says that a recording does not say what was typed, and does not wait for it', () => {
  expect(verdictLine(NOT_ENTERED, NOT_ENTERED, { isRecorded: true })).toEqual({
    isFound: false,
    isSearched: false,
    text: 'Nothing to search for: the file does not say what was typed.',
  });
});

test('never says that nothing was found where the notebook reads a password', () => {
  for (const isRecorded of [false, true])
    expect(verdictLine(NOT_ENTERED, NOT_ENTERED, { isRecorded, isRead: true })).toMatchObject({
      isFound: true,
      text: expect.stringMatching(/^A password can be read here in clear/) as string,
    });
  const elsewhere = { needle: 'monsoon-42', searchedBytes: 300, encodings: ENCODINGS, found: 0 };
  expect(verdictLine(elsewhere, NOT_ENTERED, { isRead: true })).toMatchObject({
    isFound: true,
    text: expect.stringMatching(/^A password can be read here in clear, another than/) as string,
  });
  expect(verdictLine({ ...elsewhere, found: 1 }, NOT_ENTERED, { isRead: true }).text).toBe(
    'Found the password 1× in 300 bytes',
  );
});

test('claims no search where there was nothing to search', () => {
  const none = { needle: 'monsoon-42', searchedBytes: 0, encodings: ENCODINGS, found: 0 };
  expect(verdictLine(none, none)).toEqual({
    isFound: false,
    isSearched: false,
    text: 'Nothing crossed here that could be searched.',
  });
});
