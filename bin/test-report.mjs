// What a run of vitest came to, from the report it wrote.
import { readFileSync } from 'node:fs';

// Enough of a message to know what was wrong, not so much that the next failure is pushed off the screen.
const longestMessage = 1500;

/**
 * @param {string} file the report of vitest's reporter `json`
 * @returns {{ passed: number, failed: number, notRun: string[], failures: string[] }} notRun: names of tests; failures: for
 *   each its file, its name and the first lines of its message. A report that cannot be read is one failure.
 */
export function readReport(file) {
  let suites;
  try {
    suites = JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch (error) {
    return { passed: 0, failed: 1, notRun: [], failures: [`The report cannot be read: ${error.message}`] };
  }
  const all = suites.flatMap((suite) =>
    suite.assertionResults.map((test) => ({ ...test, file: suite.name })),
  );
  const failed = all.filter((test) => test.status === 'failed');
  // A file that could not even be loaded has no tests to count, but it has failed.
  const broken = suites.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: all.filter((test) => test.status === 'passed').length,
    failed: failed.length + broken.length,
    notRun: all
      .filter((test) => test.status === 'pending' || test.status === 'skipped')
      .map((test) => test.fullName),
    failures: [
      ...failed.map((test) => describe(`${test.file}: ${test.fullName}`, test.failureMessages?.join('\n'))),
      ...broken.map((suite) => describe(suite.name, suite.message)),
    ],
  };
}

function describe(name, message = '') {
  const own = message.split('\n').filter((line) => !line.includes('/node_modules/'));
  return `${name}\n${own.join('\n').slice(0, longestMessage).replace(/^/gm, '    ')}`;
}
