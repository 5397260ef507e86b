import type {
  AttackActed,
  KeyShareTold,
  LogEvent,
  PrivateKeyLeaked,
  SecretEntered,
  SecretsLogged,
} from '#contract';
import { FirstTold } from './first-told.ts';
import { toHex } from './hex-text.ts';

/** What is secret by itself: it stands in a file only where keys were asked for. */
export type ToldSecret = SecretEntered | SecretsLogged | PrivateKeyLeaked | KeyShareTold | PlaintextRead;
/** Read inside TLS that the stranger ended, and so never on the wire. */
export type PlaintextRead = AttackActed & { readonly before: Uint8Array; readonly offset?: undefined };

/**
 * How events stand in a capture file, so that they come back as they were: in comments that begin with
 * `plainsight: ` and go on with the event as JSON, in ASCII and on one line. What is long goes on in comments that
 * begin with `plainsight+ `. Captured bytes are left to the packets that follow; `length` says how many they are.
 */
const beginning = 'plainsight: ';
const continuation = 'plainsight+ ';

// Well below what one option holds, and short enough to be read in a list of packets.
const longestPiece = 4000;

export function isSecret(event: LogEvent): event is ToldSecret {
  return (
    event.type === 'secret-entered' ||
    event.type === 'secrets-logged' ||
    event.type === 'private-key-leaked' ||
    event.type === 'key-share-told' ||
    (event.type === 'attack-acted' && event.before !== undefined && event.offset === undefined)
  );
}

/** The comments that state an event. */
export function statements(event: LogEvent): readonly string[] {
  const text = asJson(event);
  const comments = [beginning + text.slice(0, longestPiece)];
  for (let at = longestPiece; at < text.length; at += longestPiece) {
    comments.push(continuation + text.slice(at, at + longestPiece));
  }
  return comments;
}

/** What comments state, as it stands there: to be checked before it is believed. Throws when it is no JSON. */
export function stated(comments: readonly string[]): readonly unknown[] {
  const texts: string[] = [];
  for (const comment of comments) {
    if (comment.startsWith(beginning)) texts.push(comment.slice(beginning.length));
    else if (comment.startsWith(continuation)) {
      texts.push((texts.pop() ?? '') + comment.slice(continuation.length));
    }
  }
  return texts.map((text) => JSON.parse(text) as unknown);
}

/**
 * Lines of a key log that hold all that is secret and nothing else: each key on a line as SSLKEYLOGFILE has it,
 * and before it, in a comment of that format, the event it belongs to; a secret that was entered and a private key,
 * which that format has no line for, are comments alone. So is a line that contradicts an earlier one (`FirstTold`): it
 * stands in its comment, where this program finds it again and no other takes it for the earlier one's.
 * So whoever strips the secrets from a file with a tool of their own strips all of them.
 */
export function* secretLines(secrets: Iterable<ToldSecret>): Generator<string> {
  const first = new FirstTold();
  for (const secret of secrets) {
    const hasLine = secret.type === 'secrets-logged' && first.stands(secret.line);
    yield `# ${beginning}${asJson(secret, { isWhole: !hasLine })}`;
    if (hasLine) yield secret.line;
  }
}

/** A line of a key log, and what the comment before it states. */
export interface SecretLine {
  readonly line?: string;
  readonly stated?: unknown;
}

/** Reads such lines again, or those of any other key log. Throws when a statement is no JSON. */
export function* readSecretLines(text: string): Generator<SecretLine> {
  let about: unknown;
  const mark = `# ${beginning}`;
  for (const line of lines(text)) {
    if (line.startsWith(mark)) {
      if (about !== undefined) yield { stated: about };
      about = JSON.parse(line.slice(mark.length));
    } else if (line !== '' && !line.startsWith('#')) {
      yield about === undefined ? { line } : { line, stated: about };
      about = undefined;
    }
  }
  if (about !== undefined) yield { stated: about };
}

/** One after the other: a file may hold millions of them. */
function* lines(text: string): Generator<string> {
  for (let at = 0; at <= text.length;) {
    const feed = text.indexOf('\n', at);
    const end = feed === -1 ? text.length : feed;
    yield text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
    at = end + 1;
  }
}

/** `isWhole`: with what else has a place of its own in a file. */
function asJson(event: LogEvent, { isWhole = false } = {}): string {
  const { seq, type, time, ...rest } = event;
  const plain: Record<string, unknown> = { type, seq, time, ...rest };
  // Every file has one epoch, which its beginning states.
  if (type !== 'epoch-started') delete plain['epoch'];
  if (event.type === 'bytes-captured') {
    delete plain['bytes'];
    plain['length'] = event.bytes.length;
  }
  if (event.type === 'secrets-logged' && !isWhole) delete plain['line'];
  if (event.type === 'certificate-received') {
    plain['chain'] = event.chain.map(toHex);
    plain['trusted'] = event.trusted.map(toHex);
  }
  if (event.type === 'private-key-leaked') plain['key'] = toHex(event.key);
  if (event.type === 'attack-acted') {
    if (event.before) plain['before'] = toHex(event.before);
    if (event.after) plain['after'] = toHex(event.after);
  }
  if (event.type === 'key-share-told') plain['privateKey'] = toHex(event.privateKey);
  // A reader of comments must see them as they are: no character that hides or turns text around.
  return JSON.stringify(plain).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
