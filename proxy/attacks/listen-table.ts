import type { ConnectionId, Riddle } from '#contract';
import { untilClosed } from '../capture/closing.ts';
import { linksIn } from '../victim/page-links.ts';
import { postLogin, requestPage } from '../victim/padded-request.ts';
import { VictimClient } from '../victim/request.ts';
import { type AttackLab, portOf, SITE } from './attack.ts';
import { type Exchange, exchangesOn } from './listen-exchanges.ts';
import { STRANGERS_AGENT } from './strangers-client.ts';
import type { Watch } from './watch.ts';

/** A page as the stranger found it; `bytes` of the sealed records of its answer. */
export interface MeasuredPage {
  readonly path: string;
  readonly title: string;
  readonly bytes: number;
}

/** What the stranger has measured of the site by visiting it. */
export interface Measured {
  readonly connection: ConnectionId;
  readonly start: MeasuredPage;
  /** Those that the start page leads to. */
  readonly pages: readonly MeasuredPage[];
  readonly logins: Riddle['ownLogins'];
  /** Where its own logins lie, in the client's stream. */
  readonly loginsAt: { readonly start: number; readonly end: number };
}

/** Numbers of this country have ten digits. */
const mobileDigits = 10;
const measuredLengths = [1, 24] as const;
const startPage = { path: '/', title: 'Start page' } as const;

/**
 * Opens every page that the start page leads to, over HTTPS and on one connection, and sends two requests as long as
 * logins; then reads the sizes off the wire, as it will read the victim's. Rejects when the site does not answer.
 */
export async function measure(
  { lab, watch, signal }: { readonly lab: AttackLab; readonly watch: Watch; readonly signal: AbortSignal },
  { isPadded }: { readonly isPadded: boolean },
): Promise<Measured> {
  const port = lab.door(SITE, portOf('https'));
  if (port === undefined) throw new Error(`the lab has no ${SITE}:${portOf('https')}`);
  const client = new VictimClient({
    ...{ address: '127.0.0.1', port, host: SITE, signal },
    tls: { authority: lab.authorityPem },
    patience: () => (lab.isStepping() ? 10 * 60_000 : 5000),
  });
  let connection: ConnectionId | undefined;
  try {
    const asked = { isPadded, headers: { 'User-Agent': STRANGERS_AGENT } };
    const start = await requestPage(client, startPage.path, asked);
    connection = lab.connectionOf(client.ports);
    const links = linksIn(start.bytes.toString());
    for (const { path } of links) await requestPage(client, path, asked);
    for (const length of measuredLengths) await postLogin(client, likeALogin(length), { isPadded });
    client.close();
    if (connection === undefined) throw new Error('the log knows nothing of the stranger’s connection');
    await untilClosed(lab.log, [connection]);
    return { connection, ...tableFrom(exchangesOn(watch.events(), connection), links) };
  } finally {
    client.close();
    if (connection !== undefined) await untilClosed(lab.log, [connection]);
  }
}

/**
 * As many bytes as a login with such a password. Without a number it is no login that could fail: nobody is locked out,
 * and no password is entered anywhere.
 */
function likeALogin(passwordLength: number): { readonly mobile: string; readonly password: string } {
  return { mobile: '', password: '?'.repeat(mobileDigits + passwordLength) };
}

function tableFrom(
  exchanges: readonly Exchange[],
  links: readonly { readonly path: string; readonly title: string }[],
): Omit<Measured, 'connection'> {
  const [first, ...rest] = exchanges;
  const logins = rest.slice(links.length).map(({ request }) => request);
  const [short, long] = logins;
  if (!first?.answer || !short || !long || logins.length !== measuredLengths.length)
    throw new Error('what the stranger sent and received cannot be told apart');
  return {
    start: { ...startPage, bytes: first.answer.bytes },
    pages: links.map((link, index) => ({ ...link, bytes: rest[index]?.answer?.bytes ?? 0 })),
    logins: measuredLengths.map((passwordLength, index) => ({
      passwordLength,
      bytes: logins[index]?.bytes ?? 0,
    })),
    loginsAt: { start: short.start, end: long.end },
  };
}
