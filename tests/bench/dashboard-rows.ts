import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import { launchChromium, openDashboard } from '../support/browser.ts';
import { startLabProcess } from '../support/lab-process.ts';
import { pageScript } from './dashboard-page.ts';
import { keepAlive } from './loads.ts';
import { startOrigin } from './subjects.ts';

/** Milliseconds, but for the memory. */
interface Figures {
  /** From the key that opens the inspector, history still to come, and with all of it there. */
  readonly firstRows: number;
  readonly firstRowsAgain: number;
  /** From the last letter typed to the first row that holds it, the wait for one more letter included. */
  readonly firstFound: number;
  /** 95 of 100 frames came in this time or less, while scrolling. */
  readonly frame: number;
  readonly frameLive: number;
  /** Messages that came in each second meanwhile. */
  readonly liveMessages: number;
  /** Resident memory of the page and its worker together, in MB. */
  readonly memory: number | undefined;
}

const labels: Readonly<Record<keyof Figures, string>> = {
  firstRows: 'first rows, opened for the first time (ms)',
  firstRowsAgain: 'first rows, opened again (ms)',
  firstFound: 'first row of a text filter (ms)',
  frame: 'frame p95 while scrolling (ms)',
  frameLive: 'frame p95 while messages arrive (ms)',
  liveMessages: 'messages that arrived each second',
  memory: 'resident memory of the page (MB)',
};

const flags = new Command('bench dashboard')
  .description('Measures the inspector with 100,000 messages in a real Chromium, of which there must be one.')
  .option('--messages <n>', 'messages in the list', '100000')
  .option('--json', 'print JSON')
  .parse()
  .opts<{ readonly messages: string; readonly json?: boolean }>();

const SCROLL_SECONDS = 5;
const LIVE_REQUESTS = 10;
const LIVE_EVERY_MS = 20;

const { origin, stop: stopOrigin } = await startOrigin();
const lab = await startLabProcess(['--route', `bench.test:80=127.0.0.1:${origin.plain}`]);
const browser = await launchChromium();
try {
  const port = lab.lab.routes.find(({ name }) => name === 'bench.test')?.listen ?? 0;
  const site = { name: 'bench.test', plain: port, tls: 0, pids: [], stop: () => Promise.resolve() };
  console.error(`filling the log with ${flags.messages} messages`);
  await keepAlive(site, Number(flags.messages) / 2, 8, 50);
  const { page, complaints } = await openDashboard(browser, lab.lab);
  const figures = await measure(page, () => keepAlive(site, LIVE_REQUESTS, 1, 50));
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  if (flags.json) console.log(JSON.stringify(figures));
  else
    for (const [name, label] of Object.entries(labels))
      console.log(`${label.padEnd(44)} ${figures[name as keyof Figures]?.toFixed(1) ?? '–'}`);
} finally {
  await browser.close();
  await lab.stop();
  await stopOrigin();
}

async function measure(page: Page, send: () => Promise<void>): Promise<Figures> {
  const total = Number(flags.messages);
  await page.getByRole('button', { name: 'Log in on both' }).waitFor();
  await page.evaluate(pageScript);
  await page.evaluate('waitUntilIdle()');
  const firstRows = await page.evaluate<number>(`untilRow(() => press('i'))`);
  await page.evaluate(`untilSize(${total})`);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const firstRowsAgain = await page.evaluate<number>(`untilRow(() => press('i'))`);
  const firstFound = await page.evaluate<number>(`untilRow(() => type('200 ok'), '200 OK')`);
  await page.evaluate(`type('')`);
  await page.evaluate(`untilSize(${total})`);
  const frame = await page.evaluate<number>(`scroll(${SCROLL_SECONDS})`);
  const before = await page.evaluate<number>('size()');
  const timer = setInterval(() => void send(), LIVE_EVERY_MS);
  const frameLive = await page
    .evaluate<number>(`scroll(${SCROLL_SECONDS})`)
    .finally(() => clearInterval(timer));
  const arrived = (await page.evaluate<number>('size()')) - before;
  const liveMessages = arrived / SCROLL_SECONDS;
  const memory = await residentMegabytes(page.context().browser());
  return { firstRows, firstRowsAgain, firstFound, frame, frameLive, liveMessages, memory };
}

async function residentMegabytes(from: Browser | null): Promise<number | undefined> {
  const session = await from?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
  const sizes = processInfo.flatMap(({ type, id }) => (type === 'renderer' ? [residentKilobytes(id)] : []));
  // The page is the largest; a browser keeps spare ones.
  return sizes.length === 0 || process.platform !== 'linux' ? undefined : Math.max(...sizes) / 1000;
}

function residentKilobytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
