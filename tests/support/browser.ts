import { chromium, type Browser, type Page } from 'playwright';
import type { Lab } from '#contract';
import { findBrowser } from '../../proxy/victim/find-browser.ts';

/** An installed Chromium, without a window. */
export async function launchChromium(args: string[] = []): Promise<Browser> {
  return chromium.launch({ ...executable(), args: [...rootArgs(), ...args] });
}

/** The path of the browser the tests use; throws with a sentence when there is none. */
export function executable(): { executablePath: string } {
  const executablePath = findBrowser();
  if (!executablePath)
    throw new Error('No Chrome, Edge or Chromium was found; `npm run setup` installs one where it can.');
  return { executablePath };
}

/** As root, Chromium starts in no other way. */
export function rootArgs(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

/** How long something may take that a test waits for in a browser, in milliseconds: on busy processors, not on free ones. */
export const browserPatience = 60_000;

export interface DashboardPage {
  readonly page: Page;
  /** Errors of the page: exceptions, CSP violations, failed loads. */
  readonly complaints: string[];
}

/** The dashboard of a lab in a fresh page, as a person opens it from the printed address. */
export async function openDashboard(
  browser: Browser,
  lab: Lab,
  options: { width?: number; height?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<DashboardPage> {
  const { width = 1280, height = 720, colorScheme = 'light' } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  context.setDefaultTimeout(browserPatience);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${lab.dashboard}/?token=${lab.token}`);
  return { page, complaints };
}
