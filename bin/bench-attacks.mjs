// Runs every attack over HTTP and over HTTPS on a fresh lab, and prints what came of each: to see it all pass before
// class. Ends with 1 when a verdict is not what it should be.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, requireNode, root } from './bootstrap.mjs';

requireNode();
bootstrap();

const file = join(root, 'tests/bench/attacks.ts');
const { status } = spawnSync(process.execPath, ['--import', 'tsx', file], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
