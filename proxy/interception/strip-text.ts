import { Transform, type TransformCallback } from 'node:stream';
import { addressesOf, withoutTls } from './strip-fields.ts';

// What follows an address decides whether it is one: `:8443` makes it another site's. Escaped slashes included.
const mostAround = 'https:\\/\\/:443.x'.length;

// Of what a socket gives at once; none comes near it.
const longestChunk = 1 << 20;

/** Told of the addresses that were changed in a piece of a body, and of what went on in their place. */
export type TextChanged = (before: string, after: string) => void;

/**
 * A body with the site's addresses over HTTP instead of over TLS, however it is cut into chunks. Never keeps much more
 * than one address back. Bytes that are no ASCII pass as they are.
 */
export class StrippedText extends Transform {
  readonly #host: string;
  readonly #longest: number;
  readonly #changed: TextChanged;
  #held = '';

  constructor(host: string, changed: TextChanged) {
    // It hands everything on at once. A pipe that it told to wait, and then to go on, would do so over the head of
    // whoever has stopped the site's answer meanwhile because the victim does not read.
    super({ writableHighWaterMark: longestChunk });
    this.#host = host;
    this.#longest = host.length + mostAround;
    this.#changed = changed;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    // One character a byte, so that text in any encoding that holds ASCII comes out as it went in.
    const text = this.#held + chunk.toString('latin1');
    callback(null, this.#strip(text, Math.max(0, text.length - this.#longest)));
  }

  override _flush(callback: TransformCallback): void {
    callback(null, this.#strip(this.#held, this.#held.length));
  }

  /** What begins before `safe` can be told for certain; the rest is kept for what is still to come. */
  #strip(text: string, safe: number): Buffer {
    const before: string[] = [];
    const after: string[] = [];
    let stripped = '';
    let done = 0;
    for (const { index, 0: address } of text.matchAll(addressesOf(this.#host))) {
      if (index >= safe) break;
      before.push(address);
      after.push(withoutTls(address, this.#host));
      stripped += text.slice(done, index) + (after.at(-1) ?? '');
      done = index + address.length;
    }
    if (before.length > 0) this.#changed(before.join('\n'), after.join('\n'));
    const rest = Math.max(done, safe);
    this.#held = text.slice(rest);
    return Buffer.from(stripped + text.slice(done, rest), 'latin1');
  }
}

/** Whether a body of this type has addresses in it that a browser follows. */
export function isStrippable(type: string | undefined, coding: string | undefined): boolean {
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') return false;
  return /^\s*(text\/|application\/([\w.+-]*\+)?(json|javascript|xml))/i.test(type ?? '');
}
