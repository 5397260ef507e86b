// Measures the relay, the dissectors and the dashboard, or one of them: `npm run bench -- [relay|dissection|dashboard]
// [flags]`, of which `--help` tells more.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, requireNode, root } from './bootstrap.mjs';

const benches = { relay: 'bench.ts', dissection: 'dissection.ts', dashboard: 'dashboard-rows.ts' };

requireNode();
bootstrap();

const [first = '', ...others] = process.argv.slice(2);
const isNamed = Object.hasOwn(benches, first);
const flags = isNamed ? others : process.argv.slice(2);
// Flags without a name are the relay's, which was measured first and alone.
const names = isNamed ? [first] : flags.length > 0 ? ['relay'] : Object.keys(benches);

for (const name of names) {
  if (names.length > 1) console.log(`\n${name}`);
  const file = join(root, 'tests/bench', benches[name]);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', file, ...flags], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = status ?? 1;
}
