// Runs the tests and ends with a line `N passed, N failed`. `--full` runs the large ones instead; anything else goes to vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, requireNode, root } from './bootstrap.mjs';
import { setUp } from './setup.mjs';
import { readReport } from './test-report.mjs';

requireNode();
bootstrap();
const missing = setUp();

const full = process.argv.includes('--full');
const rest = process.argv.slice(2).filter((argument) => argument !== '--full');
const projects = full ? ['full'] : ['unit', 'component', 'e2e'];
const scratch = mkdtempSync(join(tmpdir(), 'plainsight-test-'));
const report = join(scratch, 'report.json');

const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...rest,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, PLAINSIGHT_MISSING: JSON.stringify(missing) } },
);

const counts = readReport(report);
// An unhandled rejection or a worker that died fails the run, though every test in the report may have passed.
if (run.status !== 0 && counts.failed === 0) {
  counts.failed = 1;
  counts.failures.push('Outside every test: see the output above');
}
rmSync(scratch, { recursive: true, force: true });
if (counts.notRun.length > 0) {
  console.log('\nNot run, for want of a tool:');
  for (const name of counts.notRun) console.log(`  ${name}`);
  for (const sentence of missing) console.log(`  (${sentence})`);
}
if (counts.failures.length > 0) {
  console.log('\nFailed:');
  for (const failure of counts.failures) console.log(failure);
}
if (process.env.PLAINSIGHT_COUNTS) writeFileSync(process.env.PLAINSIGHT_COUNTS, JSON.stringify(counts));
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
