import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '#contract';
import { RecordingError } from '#recording/recording-error.ts';
import type { RunningLab } from './main.ts';
import { parseRoute, RouteError, type OwnRoute } from './routes.ts';
import { findBrowser } from './victim/find-browser.ts';

interface Flags {
  readonly port?: number;
  readonly open: boolean;
  readonly json?: boolean;
  readonly browser?: string;
  readonly strictPort?: boolean;
  readonly proxyPort?: number;
  readonly route?: readonly OwnRoute[];
  readonly quiet?: boolean;
  /** `open`: a file to show instead of a lab. */
  readonly recording?: { readonly file: string; readonly keylog?: string; readonly privateKey?: string };
}

const defaultPort = 7878;
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs the lab until a signal ends it. Exit codes: 0 done, 1 failed, 2 usage, 128 + n for signal n. */
export async function run(args: readonly string[]): Promise<void> {
  if (args[0] === 'dissect') {
    const { dissect } = await import('./dissect/command.ts');
    await dissect(args.slice(1));
    return;
  }
  const flags = readFlags(args);
  if (!flags) return;
  if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    fail(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off, and with them the lesson. Unset it and start again.',
    );
    return;
  }
  const stopOnSignal = onSignals();
  try {
    const place = { port: flags.port ?? defaultPort, strictPort: flags.strictPort ?? false };
    const running = await start(flags, place);
    const isStopping = stopOnSignal(running);
    if (!isStopping) announce(running.lab, flags);
  } catch (error) {
    fail(explain(error));
  }
}

// What a command needs is loaded when it is asked for: `dissect` starts without the lab.
async function start(flags: Flags, place: { port: number; strictPort: boolean }): Promise<RunningLab> {
  if (flags.recording) {
    const { openRecording } = await import('./open-recording.ts');
    return openRecording({ ...flags.recording, ...place });
  }
  const { startLab } = await import('./main.ts');
  return startLab({
    ...place,
    browser: flags.browser,
    proxyPort: flags.proxyPort,
    routes: flags.route ?? [],
  });
}

function readFlags(args: readonly string[]): Flags | undefined {
  const command = new Command('plainsight')
    .description('The same login over HTTP and over HTTPS, live, as a stranger on the café Wi-Fi sees it.')
    .version(packageVersion(), '-V, --version')
    .addOption(
      new Option('--port <n>', `port of the dashboard (default ${defaultPort}, 0 for any)`)
        .env('PLAINSIGHT_PORT')
        .argParser(asPort),
    )
    .option('--strictPort', 'fail when the port is taken, instead of trying the next')
    .addOption(
      new Option('--proxy-port <n>', 'port of the proxy for any other client (default 8888, 0 for any)')
        .env('PLAINSIGHT_PROXY_PORT')
        .argParser(asPort),
    )
    .option('--no-open', 'do not open the dashboard in a browser')
    .option('--json', 'print one line of JSON on stdout when ready; everything else goes to stderr')
    .addOption(
      new Option('--browser <path>', 'the demo browser to use (else CHROME_PATH, else the first one found)')
        .env('PLAINSIGHT_BROWSER')
        .argParser(asBrowser),
    )
    .option(
      '--route <name:port=127.0.0.1:port>',
      'add a site of your own on loopback (repeatable)',
      collectRoute,
    )
    .option('-q, --quiet', 'print nothing but errors')
    .allowExcessArguments(false)
    // Without a subcommand, the lab.
    .action(() => undefined)
    .exitOverride();
  let recording: Flags['recording'];
  command
    .command('open')
    .description('show a capture file (pcap, pcapng) in the dashboard, without starting a lab')
    .argument('<file>', 'the capture file')
    .option('--keylog <file>', 'a key log (SSLKEYLOGFILE) for what it holds')
    .option('--private-key <file>', 'the RSA key of a site in it (PEM or DER), as if it had been stolen')
    .allowExcessArguments(false)
    .action((file: string, keys: { keylog?: string; privateKey?: string }) => {
      recording = { file, ...keys };
    });
  command
    .command('dissect')
    .description('print every message of a capture file, field by field (dissect --help says more)')
    .argument('<file>', 'the capture file')
    .allowUnknownOption()
    .action(() => command.error('error: "dissect" comes first: plainsight dissect FILE'));
  try {
    command.parse([...args], { from: 'user' });
    return { ...command.opts<Flags & Record<string, unknown>>(), ...(recording && { recording }) };
  } catch (error) {
    // Commander has printed help, version or the mistake already.
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
    return undefined;
  }
}

function asPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

function asBrowser(path: string): string {
  if (findBrowser(path) === undefined) throw new InvalidArgumentError(`There is no program at ${path}.`);
  return path;
}

function collectRoute(text: string, before: readonly OwnRoute[] = []): readonly OwnRoute[] {
  try {
    const route = parseRoute(text);
    const taken = before.some(({ name, port }) => name === route.name && port === route.port);
    if (taken || route.name === 'piggypay.test')
      throw new RouteError(`${route.name}:${route.port} is there already.`);
    return [...before, route];
  } catch (error) {
    if (error instanceof RouteError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

// The first signal closes in order, as soon as there is something to close; the second ends at once. Either way
// nothing temporary stays behind.
function onSignals(): (running: RunningLab) => boolean {
  let running: RunningLab | undefined;
  let asked: number | undefined;
  const close = (lab: RunningLab, code: number) => {
    lab.close().then(
      () => process.exit(code),
      () => process.exit(code),
    );
  };
  process.on('exit', () => running?.abandon());
  for (const signal of Object.keys(exitCodes) as (keyof typeof exitCodes)[]) {
    process.on(signal, () => {
      const code = exitCodes[signal];
      if (asked !== undefined) process.exit(code);
      asked = code;
      if (running) close(running, code);
    });
  }
  return (started) => {
    running = started;
    if (asked !== undefined) close(started, asked);
    return asked !== undefined;
  };
}

function announce(lab: Lab, flags: Flags): void {
  const address = `${lab.dashboard}/?token=${lab.token}`;
  if (flags.json) process.stdout.write(`${JSON.stringify(lab)}\n`);
  if (!flags.quiet) {
    const routes = lab.routes.map(
      ({ name, port, listen, address: at }) =>
        `  ${`${name}:${port}`.padEnd(22)} relay 127.0.0.1:${listen}  →  site ${at}\n`,
    );
    process.stderr.write(
      `\n  plainsight ${lab.version}\n\n  Dashboard   ${address}\n${
        lab.proxy ? `  Proxy       ${lab.proxy.url}   (for a browser: ${lab.proxy.pac})\n` : ''
      }${lab.ca === '' ? '' : `  Lab's CA    ${lab.ca}\n\n${routes.join('')}`}\n  Ctrl-C ends it.\n\n`,
    );
  }
  // Nothing opens where nobody looks: in pipes and in CI.
  if (flags.open && process.stdout.isTTY && !process.env['CI']) {
    openInBrowser(address).catch(() =>
      process.stderr.write('  The browser could not be opened; open the address yourself.\n'),
    );
  }
}

async function openInBrowser(address: string): Promise<void> {
  const { default: open } = await import('open');
  await open(address);
}

function explain(error: unknown): string {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port ?? ''} on 127.0.0.1 is in use. Choose another with --port, or drop --strictPort.`;
  }
  if (error instanceof RecordingError) return `${message} ${error.hint}`;
  return message;
}

function fail(sentence: string): void {
  process.stderr.write(`plainsight: ${sentence}\n`);
  process.exitCode = 1;
}

function packageVersion(): string {
  return (
    JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }
  ).version;
}
