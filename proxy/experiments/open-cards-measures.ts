import type { Direction, Measures } from '#contract';
import { hex } from '#dissectors/text.ts';
import { cipherSuiteName, groupName, versionName } from '#dissectors/tls/names.ts';
import type { Cards } from '../victim/open-cards/handshake.ts';
import type { CapturedConnection } from './captured-connection.ts';

/** One visit with open cards: what was captured of it, and what the victim computed. */
interface Visited {
  readonly capture: CapturedConnection;
  readonly cards: Cards;
  /** Of the victim's key log. */
  readonly lines: readonly string[];
  readonly answer: Buffer;
  readonly milliseconds: number;
}

/** What was measured of it. */
export interface Played {
  readonly measures: Measures;
  /** Numbers of the events that are about it. */
  readonly events: readonly number[];
  /** How many of the victim's secrets the site's own key log has, and how many there are. */
  readonly equal: number;
  readonly secrets: number;
  /** How often a private half or a shared secret was found in the captured bytes. */
  readonly leaked: number;
}

/** Counted from the captured bytes and from what both ends told. */
export function measure({ capture, cards, lines, answer, milliseconds }: Visited): Played {
  const { events } = capture;
  const victim = bytesOf(capture, 'client-to-server');
  const site = bytesOf(capture, 'server-to-client');
  const sites = new Set(
    events.flatMap((event) =>
      event.type === 'secrets-logged' && event.vantage === 'site' ? [event.line] : [],
    ),
  );
  const equal = Object.fromEntries(lines.map((line) => [line.split(' ', 1)[0] ?? '', sites.has(line)]));
  const found = {
    victimsPublicKey: occurrences(victim, cards.publicKey),
    sitesPublicKey: occurrences(site, cards.sitePublicKey),
    victimsPrivateKey: occurrences(victim, cards.privateKey) + occurrences(site, cards.privateKey),
    sharedSecret: occurrences(victim, cards.sharedSecret) + occurrences(site, cards.sharedSecret),
  };
  return {
    equal: Object.values(equal).filter(Boolean).length,
    secrets: lines.length,
    leaked: found.victimsPrivateKey + found.sharedSecret,
    events: events.map(({ seq }) => seq),
    measures: {
      connection: capture.id,
      version: versionName(cards.version),
      suite: cipherSuiteName(cards.suite),
      group: groupName(cards.group),
      publicKeysOnWire: { victim: hex(cards.publicKey), site: hex(cards.sitePublicKey) },
      timesFoundOnWire: found,
      privateKey: hex(cards.privateKey),
      sharedSecret: hex(cards.sharedSecret),
      ...(cards.handshakeSecret && { handshakeSecret: hex(cards.handshakeSecret) }),
      masterSecret: hex(cards.masterSecret),
      secretsEqualToSitesKeyLog: equal,
      records: capture.opened,
      status: Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1] ?? 0),
      requestsHandled: events.filter(({ type }) => type === 'request-handled').length,
      milliseconds,
    },
  };
}

/** One or two sentences. */
export function outcomeOf(played: readonly Played[]): string {
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0);
  const [equal, secrets, leaked] = [
    sum((one) => one.equal),
    sum((one) => one.secrets),
    sum((one) => one.leaked),
  ];
  const witness =
    equal === secrets
      ? `${secrets === 1 ? 'the one secret that follows' : `all ${secrets} secrets that follow`} from them ${secrets === 1 ? 'is' : 'are'} in the site’s own key log too`
      : `only ${equal} of the ${secrets} secrets that follow from them are in the site’s own key log`;
  const wire =
    leaked === 0
      ? 'The stranger saw both public halves, and neither a private half nor a shared secret.'
      : `A private half or a shared secret was found ${leaked} times in the captured bytes.`;
  return `The victim told its private halves, and ${witness}. ${wire}`;
}

/** One direction of the connection; a hole would make it shorter. */
function bytesOf({ events }: CapturedConnection, direction: Direction): Buffer {
  return Buffer.concat(
    events.flatMap((event) =>
      event.type === 'bytes-captured' && event.direction === direction ? [event.bytes] : [],
    ),
  );
}

function occurrences(bytes: Buffer, needle: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) count += 1;
  return count;
}
