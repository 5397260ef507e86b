import { randomBytes } from 'node:crypto';

/** Every page is filled up to a multiple of this many bytes. */
export const PADDED_TO = 8 * 1024;

const OPEN = '<!-- padding: ';
const CLOSE = ' -->\n';

/**
 * The site's own switch: while it is on, pages are filled up with a comment of random characters, so that their length
 * tells less of which they are. TLS 1.3 can pad its records (RFC 8446, 5.4), but Node 20 has no call for it; OpenSSL's
 * configuration has one (`RecordPadding`), for a whole process from its start on. So the pages themselves are padded.
 */
export class Padding {
  readonly #wanted = new Set<symbol>();

  /** On until the function it returns is called, or everything is reset; whoever else wants it keeps it. */
  switchOn(): () => void {
    const own = Symbol('padding');
    this.#wanted.add(own);
    return () => {
      this.#wanted.delete(own);
    };
  }

  get isOn(): boolean {
    return this.#wanted.size > 0;
  }

  /** The page, filled up while the switch is on. Nothing of what it shows changes. */
  fill(html: string): string {
    if (!this.isOn) return html;
    const length = Buffer.byteLength(html) + OPEN.length + CLOSE.length;
    const missing = Math.ceil(length / PADDED_TO) * PADDED_TO - length;
    // Hex, since two hyphens would end the comment; random, since anything else would vanish wherever it is compressed.
    const filler = randomBytes(Math.ceil(missing / 2))
      .toString('hex')
      .slice(0, missing);
    return html + OPEN + filler + CLOSE;
  }

  reset(): void {
    this.#wanted.clear();
  }
}
