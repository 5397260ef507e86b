// Everything that can be said about the code without running it. All steps run, so that one look shows all faults.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bootstrap, requireNode, root } from './bootstrap.mjs';

requireNode();
bootstrap();

// The longest first, so that the others fill the second processor.
const steps = [
  ['lint (Node)', 'eslint/bin/eslint.js', '--max-warnings', '0'].concat([
    '--ignore-pattern',
    'dashboard',
    '--ignore-pattern',
    'tests/component',
    '.',
  ]),
  ['lint (browser, Svelte)', 'eslint/bin/eslint.js', '--max-warnings', '0', 'dashboard', 'tests/component'],
  ['types (Node)', 'typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types (browser, Svelte)', 'svelte-check/bin/svelte-check']
    .concat(['--workspace', 'dashboard', '--tsconfig', './tsconfig.json'])
    .concat(['--fail-on-warnings', '--output', 'human']),
  ['types (pure)', 'typescript/bin/tsc', '-p', 'tsconfig.pure.json'],
  ['format', 'prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  ['dependency rules', 'dependency-cruiser/bin/dependency-cruise.mjs']
    .concat(['--config', '.dependency-cruiser.cjs'])
    .concat(['proxy', 'certs', 'demo-sites', 'dashboard/src', 'tests']),
  ['unused code', 'knip/bin/knip.js'],
];

const waiting = [...steps];
const failures = [];
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));

if (process.env.PLAINSIGHT_COUNTS) {
  writeFileSync(
    process.env.PLAINSIGHT_COUNTS,
    JSON.stringify({ passed: steps.length - failures.length, failed: failures.length, failures }),
  );
}
process.exitCode = failures.length === 0 ? 0 : 1;

async function work() {
  for (let step = waiting.shift(); step; step = waiting.shift()) await check(...step);
}

function check(name, script, ...args) {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (code !== 0) {
        failures.push(name);
        console.log(output);
      }
      resolve();
    });
  });
}
