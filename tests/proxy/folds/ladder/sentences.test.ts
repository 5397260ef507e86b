import { readdirSync, readFileSync } from 'node:fs';
import { sentenceOn } from '#folds/ladder/sentences.ts';
import { expect, test } from 'vitest';
import { allVectors } from '../../../vectors/vector.ts';
import { ladderOfVector, stepNamed } from './drawing.ts';

const folder = new URL('../../../../proxy/folds/ladder/', import.meta.url);
const texts = JSON.parse(readFileSync(new URL('en/ladder.json', folder), 'utf8')) as Record<string, string>;
const topics = Object.keys(texts);
const parts = {
  client: 'victim',
  server: 'site',
  sender: 'site',
  site: 'piggypay.test',
  detail: 'unknown_ca',
} as const;

test('every step of every vector is told in one whole sentence', () => {
  for (const { name } of allVectors()) {
    for (const { title, sentence } of ladderOfVector(name).steps) {
      expect([name, title, sentence]).toEqual([name, title, expect.stringMatching(/^[A-Z][^{}]+[.]$/)]);
    }
  }
});

test.each(topics)('%s leaves no gap and is one sentence', (topic) => {
  const sentence = sentenceOn(topic, parts);
  expect(sentence).toMatch(/^[A-Z][^{}]+\.$/);
  expect(sentence.replaceAll(/TLS 1\.\d|SSL 2\.0|piggypay\.test/g, '')).not.toMatch(/\. [A-Z]/);
});

test('every text is asked for somewhere in the code', () => {
  const sources = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const code = sources.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const asked = (formed: string) => {
    const topic = formed.replace(/-own$/, '');
    return code.includes(`'${topic}'`) || FORMED.some((pattern) => pattern.test(topic));
  };
  expect(topics.filter((topic) => !asked(topic))).toEqual([]);
});

/** Topics that the code puts together. */
const FORMED = [
  /^certificate-(client|server)$/,
  /^ssl2-(client|server)$/,
  /^change-cipher-1[23]$/,
  /^end-(reset|error)$/,
];

test('what is said of the stranger as an end is said of everybody else in another way', () => {
  const own = topics.filter((topic) => topic.endsWith('-own')).map((topic) => topic.replace(/-own$/, ''));
  expect(own.filter((topic) => !topics.includes(topic))).toEqual([]);
});

test.each(topics.filter((topic) => !/^(dns|doh)-/.test(topic)))(
  '%s does not speak of the stranger as of somebody between, where it is an end',
  (topic) => {
    for (const ends of [{ server: 'stranger' }, { client: 'stranger' }] as const)
      expect(sentenceOn(topic, { ...parts, ...ends })).not.toMatch(
        /stranger (can not|can only|sees)|who saw/,
      );
  },
);

test('says of both what only the newer one seals', () => {
  expect(stepNamed(ladderOfVector('tls12-login'), 'Certificate').sentence).toMatch(
    /in clear.*before TLS 1\.3/,
  );
  const rest = stepNamed(ladderOfVector('tls13-login'), 'The rest of the handshake');
  expect(rest.sentence).toMatch(/sealed, its certificate included/);
});

test('names who it is, be it the stranger or a program', () => {
  const sentence = (client: 'stranger' | 'program') => sentenceOn('request', { ...parts, client });
  expect(sentence('stranger')).toMatch(/^The stranger asks/);
  expect(sentence('program')).toMatch(/^Another program asks/);
});
