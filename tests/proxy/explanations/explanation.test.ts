import { readdirSync, readFileSync } from 'node:fs';
import { explanationOf, rfcLink } from '#explanations/explanation.ts';
import { NEEDS_NONE, needsNone } from '#explanations/needs-none.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { dissectedNames, writtenNames } from './emitted-names.ts';

interface Entry {
  readonly text: string;
  readonly rfc?: number;
  readonly section?: string;
}

const FOLDER = new URL('../../../proxy/explanations/en/', import.meta.url);
const LONGEST = 240;

const files = readdirSync(FOLDER).map((name) => {
  const source = readFileSync(new URL(name, FOLDER), 'utf8');
  return { name, source, entries: Object.entries(JSON.parse(source) as Record<string, Entry>) };
});
const explained = files.flatMap(({ entries }) => entries.map(([name]) => name));
const listed = NEEDS_NONE.flatMap(({ names = [] }) => names);
const endings = NEEDS_NONE.flatMap(({ endings: some = [] }) => some);

let dissected: ReadonlySet<string>;
const written = writtenNames();

beforeAll(async () => {
  dissected = await dissectedNames();
});

function unexplained(names: Iterable<string>): readonly string[] {
  return [...names].filter((name) => explanationOf(name) === undefined && !needsNone(name)).sort();
}

describe('every field', () => {
  test('of every message that is dissected here is explained, or its label says enough', () => {
    expect(dissected.size).toBeGreaterThan(250);
    expect(unexplained(dissected)).toEqual([]);
  });

  test('that a dissector can emit is explained, or its label says enough', () => {
    expect(written.size).toBeGreaterThan(250);
    expect(unexplained(written)).toEqual([]);
  });
});

describe('every explanation', () => {
  test('belongs to a field that is emitted', () => {
    const orphans = [...explained, ...listed].filter((name) => !dissected.has(name) && !written.has(name));
    expect(orphans).toEqual([]);
    const emitted = [...dissected, ...written];
    expect(endings.filter((ending) => !emitted.some((name) => name.endsWith(ending)))).toEqual([]);
  });

  test('stands in one place', () => {
    const all = [...explained, ...listed];
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
    // A key that stands twice in one file would not show above.
    for (const { source, entries } of files) expect(source.match(/"text":/g)).toHaveLength(entries.length);
  });

  test('is found by the name of its field', () => {
    for (const [name, { text }] of files.flatMap(({ entries }) => entries)) {
      expect(explanationOf(name)?.text, name).toBe(text);
    }
  });

  test.each(files.map((file) => [file.name, file.entries] as const))(
    'of %s is short, whole and well-formed',
    (_name, entries) => {
      for (const [name, { text, rfc, section }] of entries) {
        expect(text.length, name).toBeLessThanOrEqual(LONGEST);
        expect(text, name).toMatch(/^(?:[A-Z]|\d).*[^.\s]\.$/s);
        expect(text.split(/[.:;?] /).length, `sentences of ${name}`).toBeLessThanOrEqual(4);
        expect(text, name).not.toMatch(/\s\s|[<>]|\bSSL\b(?! [23]\.0)|session key/);
        expect(rfc === undefined, name).toBe(section === undefined);
        if (rfc !== undefined) expect(Number.isInteger(rfc) && rfc > 700 && rfc < 10_500, name).toBe(true);
        if (section !== undefined) expect(section, name).toMatch(/^(?:[A-Z]|[1-9]\d?)(?:\.\d{1,2}){0,4}$/);
      }
    },
  );
});

test('a group of names without explanation says why', () => {
  for (const { reason, names = [], endings: some = [] } of NEEDS_NONE) {
    expect(reason).toMatch(/^[A-Z].{20,}\.$/);
    expect(names.length + some.length).toBeGreaterThan(0);
  }
});

test('what a block holds beyond what could be read is explained as the block', () => {
  expect(explanationOf('tls.record.data')).toEqual(explanationOf('tls.record'));
  expect(explanationOf('dns.data')).not.toEqual(explanationOf('dns'));
});

test('a name that nothing has, or that every object has, has no explanation', () => {
  for (const name of ['', 'constructor', '__proto__', 'tls.no_such_field', '.data', 'toString'])
    expect(explanationOf(name)).toBeUndefined();
});

test('a link leads to the section of the RFC', () => {
  const rfc = explanationOf('plainsight.tls.client_hello')?.rfc;
  expect(rfc).toEqual({ number: 8446, section: '4.1.2' });
  expect(rfc && rfcLink(rfc)).toBe('https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2');
  expect(rfcLink({ number: 8446, section: 'D.4' })).toBe(
    'https://www.rfc-editor.org/rfc/rfc8446#appendix-D.4',
  );
});
