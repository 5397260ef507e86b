// Makes a fresh clone ready to run with Node's built-ins alone: installs what is missing, builds what changed.
// Costs a few milliseconds when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const dashboardSources = [
  'dashboard/src',
  'dashboard/index.html',
  'dashboard/vite.config.ts',
  'proxy/contract.ts',
  'proxy/contract',
  'proxy/dissectors',
  'proxy/explanations',
  'proxy/folds',
  'proxy/keys',
  'package-lock.json',
];
const builtFrom = join(root, 'dashboard/dist/.built-from');

/** Ends the process with a sentence when this Node is too old to run the rest. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `plainsight needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org`,
  );
  process.exit(1);
}

/**
 * Installs dependencies when they differ from the lock file, then builds the dashboard when its sources changed and
 * it is `wanted`.
 */
export function bootstrap({ dashboard = true } = {}) {
  // A package from the registry brings its dashboard built, its dependencies installed and no lock file.
  if (!existsSync(join(root, 'package-lock.json'))) return;
  const isBuilt = () => !dashboard || built();
  if (installed() && isBuilt()) return;
  const unlock = lock();
  try {
    if (!installed()) install();
    if (!isBuilt()) build();
  } finally {
    unlock();
  }
}

function installed() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    // Optional packages are for other platforms; npm leaves them out.
    return found
      ? found.version === entry.version
      : Boolean(entry.optional || entry.devOptional || entry.peer);
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function install() {
  say('Installing dependencies (once, about half a minute) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // The running npm is called as a script, so that no shell has to quote anything (Windows).
  const result = npm?.endsWith('.js')
    ? run(process.execPath, [npm, ...args])
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { shell: process.platform === 'win32' });
  if (result.status === 0) return;
  say(
    'npm could not install the dependencies (its own words are above). Is the registry reachable? Then start again.',
  );
  process.exit(1);
}

function built() {
  try {
    return readFileSync(builtFrom, 'utf8') === sourcesHash();
  } catch {
    return false;
  }
}

function build() {
  say('Building the dashboard …');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const result = run(process.execPath, [vite, 'build', 'dashboard', '--logLevel', 'warn'], {
    // With another value about, such as a test runner's, it would build what is slower and says more.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (result.status !== 0) {
    say('The dashboard could not be built (the reason is above).');
    process.exit(1);
  }
  writeFileSync(builtFrom, sourcesHash());
}

function sourcesHash() {
  const hash = createHash('sha256');
  for (const source of dashboardSources) addToHash(hash, join(root, source));
  return hash.digest('hex');
}

function addToHash(hash, path) {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) addToHash(hash, join(path, name));
    return;
  }
  hash.update(path.slice(root.length)).update(readFileSync(path));
}

function run(command, args, options = {}) {
  // Everything goes to stderr: with --json, stdout holds one line and nothing else.
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
}

// Made exclusively, a file serves as a lock between two starts at once. Installing and building take a minute or two;
// a lock much older than that belongs to nobody any more, whoever has its owner's process number now.
function lock() {
  const file = join(root, '.bootstrap-lock');
  const abandonedAfter = 5 * 60_000;
  for (let waited = 0; ; waited += 200) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (waited === 0) say('Another start is preparing this folder; waiting for it …');
      if (!ownerIsAlive(file) || age(file) > abandonedAfter) rmSync(file, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

function ownerIsAlive(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    // Just made and not yet written: alive. Our own number: left by a process that had it before us, in a container.
    if (owner === 0) return true;
    if (owner === process.pid) return false;
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function age(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}
