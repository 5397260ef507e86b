// Installs the tools that the tests need beyond Node: a browser, and independent witnesses.
// As root on Debian and its kin it installs them; anywhere else it says what is missing.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const tools = [
  {
    name: 'a browser',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'],
    // A browser without fonts draws boxes, and measures them.
    packages: ['chromium', 'fonts-liberation'],
  },
  { name: 'tshark', commands: ['tshark'], packages: ['tshark'] },
  { name: 'openssl', commands: ['openssl'], packages: ['openssl'] },
  { name: 'curl', commands: ['curl'], packages: ['curl'] },
  { name: 'ss', commands: ['ss'], packages: ['iproute2'] },
  { name: 'socat (for the benchmark)', commands: ['socat'], packages: ['socat'] },
];

/** Installs what is missing where it can; returns what is still missing, as sentences. */
export function setUp() {
  const missing = tools.filter(
    (tool) => !tool.commands.some(onPath) && !(tool.name === 'a browser' && process.env.CHROME_PATH),
  );
  if (missing.length === 0) return [];
  if (canUseApt()) {
    console.error(`Installing ${missing.flatMap((tool) => tool.packages).join(', ')} with apt-get …`);
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', ...missing.flatMap((tool) => tool.packages));
  }
  return missing
    .filter((tool) => !tool.commands.some(onPath))
    .map(
      (tool) =>
        `${tool.name} is not installed here; on Debian: sudo apt-get install ${tool.packages.join(' ')}`,
    );
}

function canUseApt() {
  return process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get');
}

function apt(...args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const missing = setUp();
  for (const sentence of missing) console.error(sentence);
  if (missing.length === 0) console.error('Everything the tests need is installed.');
  process.exitCode = missing.length === 0 ? 0 : 1;
}
