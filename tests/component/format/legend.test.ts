import { expect, test } from 'vitest';
import { fieldsAt, legendOf, saysOf } from '../../../dashboard/src/lib/format/legend.ts';
import { hex } from '../support/bytes.ts';

const bytes = hex(`17 03 03 00 50 ${'ab '.repeat(80)}`);
const field = {
  name: 'tls.record',
  label: 'Record',
  range: { start: 0, end: 85 },
  children: [
    {
      name: 'tls.record.content_type',
      label: 'Type',
      range: { start: 0, end: 1 },
      value: 23,
      meaning: 'data',
    },
    { name: 'tls.record.version', label: 'Version', range: { start: 1, end: 3 }, value: '0x0303' },
    { name: 'tls.record.length', label: 'Length', range: { start: 3, end: 5 }, value: 80 },
    { name: 'tls.app_data', label: 'Sealed', range: { start: 5, end: 85 } },
  ],
};

test('names the fields in the order of their bytes, in words where there are words', () => {
  const legend = legendOf({ source: 'wire', bytes, field });
  expect(legend.map((entry) => `${entry.label}: ${entry.says}`)).toEqual([
    'Type: data',
    'Version: 0x0303',
    'Length: 80',
    'Sealed: ',
  ]);
});

test('colours the short fields apart and leaves the long payload uncoloured', () => {
  const tints = legendOf({ source: 'wire', bytes, field }).map((entry) => entry.tint);
  expect(tints).toEqual([0, 1, 2, undefined]);
});

test('keeps a malformed field when there are more fields than fit', () => {
  const children = Array.from({ length: 40 }, (_, index) => ({
    name: `field.${String(index)}`,
    label: `Field ${String(index)}`,
    range: { start: index, end: index + 1 },
    ...(index === 33 ? { malformed: 'longer than the record' } : {}),
  }));
  const legend = legendOf({ source: 'wire', bytes, field: { ...field, children } });
  expect(legend).toHaveLength(6);
  expect(legend.at(-1)).toMatchObject({ label: 'Field 33', malformed: 'longer than the record' });
});

test('tells the fields around a byte from the outermost to the innermost', () => {
  expect(fieldsAt(field, 2).map(({ label }) => label)).toEqual(['Record', 'Version']);
  expect(fieldsAt(field, 85)).toEqual([]);
});

test('names no single one of what is offered as a list', () => {
  const offered = [5, 7, 9].map((start) => ({
    name: 'tls.handshake.ciphersuite',
    label: 'Cipher suite',
    range: { start, end: start + 2 },
    value: start,
  }));
  const [type] = field.children;
  const children = [...(type ? [type] : []), ...offered];
  const legend = legendOf({ source: 'wire', bytes, field: { ...field, children } });
  expect(legend.map(({ label }) => label)).toEqual(['Type']);
});

test('shows a text as it stands and spells out what a number means', () => {
  const name = { name: 'a', label: 'Server name', range: { start: 0, end: 13 }, value: 'piggypay.test' };
  expect(saysOf({ ...name, meaning: 'in clear' })).toBe('piggypay.test');
  expect(saysOf({ ...name, value: 22, meaning: 'Handshake' })).toBe('Handshake');
  expect(saysOf({ ...name, value: '00'.repeat(13), meaning: 'Fresh each time' })).toBe('Fresh each time');
});
