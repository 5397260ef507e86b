import dns from './en/dns.json' with { type: 'json' };
import http1 from './en/http1.json' with { type: 'json' };
import tlsExtensions from './en/tls-extensions.json' with { type: 'json' };
import tls from './en/tls.json' with { type: 'json' };
import websocket from './en/websocket.json' with { type: 'json' };
import x509 from './en/x509.json' with { type: 'json' };

/** A sentence or two for a learner about a field, and where the rule for it stands. */
export interface Explanation {
  readonly text: string;
  readonly rfc?: RfcSection;
}

/** `section` as the RFC numbers it: `4.1.2`, or `D.4` in an appendix. */
export interface RfcSection {
  readonly number: number;
  readonly section: string;
}

interface Entry {
  readonly text: string;
  readonly rfc?: number;
  readonly section?: string;
}

const TEXTS: ReadonlyMap<string, Entry> = new Map(
  [tls, tlsExtensions, x509, http1, websocket, dns].flatMap((file) => Object.entries<Entry>(file)),
);

// What a block holds beyond what could be read goes by the name of the block with this ending.
const REST = '.data';

/** What the field of that name is for; undefined where its label says enough. */
export function explanationOf(fieldName: string): Explanation | undefined {
  const entry =
    TEXTS.get(fieldName) ??
    (fieldName.endsWith(REST) ? TEXTS.get(fieldName.slice(0, -REST.length)) : undefined);
  if (entry === undefined) return undefined;
  const { text, rfc, section } = entry;
  return rfc === undefined || section === undefined ? { text } : { text, rfc: { number: rfc, section } };
}

/** `https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2` */
export function rfcLink({ number, section }: RfcSection): string {
  const part = /^[A-Z]/.test(section) ? 'appendix' : 'section';
  return `https://www.rfc-editor.org/rfc/rfc${number}#${part}-${section}`;
}
