// Measures the relay against a direct connection, a bare pipe and socat: `npm run bench -- --help`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, requireNode, root } from './bootstrap.mjs';

requireNode();
bootstrap();

const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', join(root, 'tests/bench/bench.ts'), ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
