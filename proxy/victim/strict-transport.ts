/** What a site said of itself over HTTPS, and until when it holds; milliseconds since 1970. */
interface Note {
  readonly until: number;
  readonly includesSubdomains: boolean;
}

/** Which sites have asked to be visited over HTTPS only, as a browser remembers it (HSTS, RFC 6797). */
export class StrictTransport {
  readonly #notes = new Map<string, Note>();

  /**
   * Heeds the `Strict-Transport-Security` field of an answer, the first one where there are several. Over HTTP it is
   * ignored, since whoever is on the way could have written it (8.1).
   */
  note(url: URL, field: string | undefined, now = Date.now()): void {
    if (url.protocol !== 'https:' || field === undefined) return;
    const directives = directivesOf(field);
    const seconds = directives?.get('max-age');
    if (!directives || seconds === undefined || !/^\d+$/.test(seconds)) return;
    const until = now + Number(seconds) * 1000;
    // Zero: forget it (6.1.1).
    if (until <= now) this.#notes.delete(url.hostname);
    else this.#notes.set(url.hostname, { until, includesSubdomains: directives.has('includesubdomains') });
  }

  /** The address to go to for one that was typed or led to: the same over HTTPS for a site that is known (8.3). */
  upgrade(url: URL, now = Date.now()): URL {
    if (url.protocol !== 'http:' || !this.#knows(url.hostname, now)) return url;
    const upgraded = new URL(url);
    // 80 becomes 443, which an address does not say.
    upgraded.protocol = 'https:';
    return upgraded;
  }

  /** By its own name, or by that of a domain above it which speaks for those below (8.2). */
  #knows(host: string, now: number): boolean {
    const labels = host.split('.');
    return labels.some((_label, index) => {
      const note = this.#notes.get(labels.slice(index).join('.'));
      return note !== undefined && note.until > now && (index === 0 || note.includesSubdomains);
    });
  }
}

/** Names in lower case; undefined where one stands there twice (6.1). */
function directivesOf(field: string): ReadonlyMap<string, string> | undefined {
  const directives = new Map<string, string>();
  for (const part of field.split(';')) {
    const [name = '', value = ''] = part.split('=', 2).map((text) => text.trim());
    if (name === '') continue;
    if (directives.has(name.toLowerCase())) return undefined;
    directives.set(name.toLowerCase(), value.replace(/^"(.*)"$/, '$1'));
  }
  return directives;
}
