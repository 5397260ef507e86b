import { expect, test } from 'vitest';
import { NOTEBOOK_COLUMNS, notebookCell } from '../../../dashboard/src/lib/format/notebook.ts';
import { PERSONA } from '../support/bytes.ts';

const range = { connection: 1, direction: 'client-to-server', start: 5, end: 15 } as const;

function column(title: string) {
  const found = NOTEBOOK_COLUMNS.find((candidate) => candidate.title === title);
  if (!found) throw new Error(`no column ${title}`);
  return found;
}

test('half-masks a password that is not the persona’s, until it is revealed', () => {
  const findings = [{ kind: 'password', status: 'read', value: 'hunter2x', ...range } as const];
  expect(notebookCell(findings, column('Password'), PERSONA, false)?.lines).toEqual(['hunt••••']);
  expect(notebookCell(findings, column('Password'), PERSONA, true)?.lines).toEqual(['hunter2x']);
});

test('shows the persona’s password at once', () => {
  const findings = [{ kind: 'password', status: 'read', value: 'monsoon-42', ...range } as const];
  expect(notebookCell(findings, column('Password'), PERSONA, false)).toMatchObject({
    lines: ['monsoon-42'],
    range,
  });
});

test('puts size and time into one cell that leads to the bytes of the size', () => {
  const findings = [
    { kind: 'time', status: 'leaks', value: '4 ms', ...range, start: 90 } as const,
    { kind: 'size', status: 'leaks', value: '301 B', ...range } as const,
  ];
  expect(notebookCell(findings, column('Size & time'), PERSONA, false)).toMatchObject({
    lines: ['301 B', '4 ms'],
    status: 'leaks',
    range,
  });
});

test('has no cell for what was not captured yet', () => {
  expect(notebookCell([], column('Token'), PERSONA, false)).toBeUndefined();
});
