import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { browserPatience, executable } from './browser.ts';
import { root, startLabProcess, type LabProcess } from './lab-process.ts';

/** A lab whose demo browser runs without a window and can be driven by a test. */
export function startLabWithHeadlessBrowser(args: string[] = []): Promise<LabProcess> {
  return startLabProcess(['--browser', join(root, 'tests/support/headless-browser.sh'), ...args], {
    PLAINSIGHT_TEST_BROWSER: executable().executablePath,
  });
}

/** Takes hold of the demo browser that the lab has started. */
export async function driveDemoBrowser(lab: LabProcess): Promise<Browser> {
  const port = await debuggingPort(dirname(lab.lab.ca));
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: browserPatience });
  for (const context of browser.contexts()) context.setDefaultTimeout(browserPatience);
  return browser;
}

// Chromium writes its port into the profile once it listens.
function debuggingPort(folder: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const profile = readdirSync(folder).find((name) => name.startsWith('browser-'));
    if (!profile) {
      reject(new Error('the demo browser has no profile'));
      return;
    }
    const file = join(folder, profile, 'DevToolsActivePort');
    const read = () => {
      if (!existsSync(file)) return;
      const port = Number(readFileSync(file, 'utf8').split('\n')[0]);
      if (!port) return;
      watcher.close();
      resolve(port);
    };
    const watcher = watch(join(folder, profile), read);
    read();
  });
}
