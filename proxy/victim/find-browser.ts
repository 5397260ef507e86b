import { Launcher } from 'chrome-launcher';
import { getAnyEdgeStable } from 'edge-paths';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names under which Linux distributions ship Chromium; chrome-launcher knows only some of them. */
const commandNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];

/**
 * The path of an installed Chrome, Edge or Chromium: the one asked for, else `CHROME_PATH`, else the first one
 * found. Undefined when there is none, or when the one asked for cannot be executed.
 */
export function findBrowser(asked = process.env['CHROME_PATH']): string | undefined {
  if (asked !== undefined && asked !== '') return isExecutable(asked) ? asked : undefined;
  return onPath() ?? attempt(() => Launcher.getFirstInstallation()) ?? attempt(() => getAnyEdgeStable());
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return commandNames.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

// Both libraries throw when they find nothing.
function attempt(find: () => string | undefined): string | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
