/** Where the relay waits for the demo browser: `name:port` of the virtual network → loopback port. */
export interface Door {
  readonly name: string;
  readonly port: number;
  readonly listen: number;
}

export interface BrowserPlaces {
  /** Folder of the temporary profile. */
  readonly profile: string;
  /** File that the browser appends its TLS secrets to, in SSLKEYLOGFILE form. */
  readonly keyLog: string;
  readonly doors: readonly Door[];
}

/**
 * The flags of the demo browser: a temporary profile, its keys written beside it, the lab's names mapped to the relay
 * and every other name to nowhere (loopback included), and nothing that would speak on its own.
 */
export function browserFlags({ profile, keyLog, doors }: BrowserPlaces, asRoot: boolean): string[] {
  const map = doors.map(({ name, port, listen }) => `MAP ${name}:${port} 127.0.0.1:${listen}`);
  return [
    `--user-data-dir=${profile}`,
    // Goes before SSLKEYLOGFILE, so that a user who has that set finds no keys of this browser there.
    `--ssl-key-log-file=${keyLog}`,
    `--host-resolver-rules=${[...map, 'MAP * ~NOTFOUND'].join(', ')}`,
    '--no-proxy-server',
    '--disable-quic',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-domain-reliability',
    '--disable-sync',
    '--metrics-recording-only',
    '--password-store=basic',
    '--use-mock-keychain',
    // Chromium would try https first where the address says http, and the twin has both: the contrast would be gone.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,PasswordLeakDetection',
    // The browser ends when this pipe closes, so that not even kill -9 on the lab leaves one behind.
    '--remote-debugging-pipe',
    // Chromium refuses to start as root with its sandbox on.
    ...(asRoot ? ['--no-sandbox'] : []),
  ];
}
