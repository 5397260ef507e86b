import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readReport } from '../../bin/test-report.mjs';

function reportOf(testResults: object[]) {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify({ testResults }));
  return readReport(file);
}

test('counts what passed, failed and was not run, and tells of each failure where and why', () => {
  const report = reportOf([
    {
      name: 'a.test.ts',
      status: 'failed',
      assertionResults: [
        { fullName: 'holds', status: 'passed' },
        { fullName: 'breaks', status: 'failed', failureMessages: ['expected 1 to be 2\n  at line 3'] },
        { fullName: 'waits', status: 'skipped' },
      ],
    },
  ]);
  expect(report).toEqual({
    passed: 1,
    failed: 1,
    notRun: ['waits'],
    failures: ['a.test.ts: breaks\n    expected 1 to be 2\n      at line 3'],
  });
});

test('a file that could not be loaded has failed', () => {
  const report = reportOf([
    { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
  ]);
  expect(report).toMatchObject({ passed: 0, failed: 1, failures: ['b.test.ts\n    no such module'] });
});

test('a report that is not there is a failure', () => {
  expect(readReport('/nonexistent/report.json')).toMatchObject({ passed: 0, failed: 1 });
});
