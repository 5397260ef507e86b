import type { AttackActed } from '#contract';
import { findFields } from '#dissectors/byte-reader.ts';
import { explainDns } from '#dissectors/dns/explain.ts';
import { isGrease, versionName } from '#dissectors/tls/names.ts';

/** What changed bytes are, and what they said before and afterwards, where that can be said in words. */
export interface DeedWords {
  readonly field?: string;
  readonly before?: string;
  readonly after?: string;
}

export function deedWords({ attack, before, after }: AttackActed): DeedWords {
  if (!before || !after) return {};
  if (attack === 'change') return headField(before, after);
  if (attack === 'forge-name') return { field: 'The address', ...both(before, after, addresses) };
  if (attack !== 'downgrade') return {};
  if (isLengthAround({ attack, before })) return { field: 'A length around it' };
  return { field: 'supported_versions, an extension of the ClientHello', ...both(before, after, versions) };
}

/** Taking a version out of a ClientHello makes everything around it shorter: each of its lengths is two bytes. */
export function isLengthAround({ attack, before }: Pick<AttackActed, 'attack' | 'before'>): boolean {
  return attack === 'downgrade' && before?.length === 2;
}

/** The header field whose value alone was changed; nothing where the bytes say themselves what they are. */
function headField(before: Uint8Array, after: Uint8Array): DeedWords {
  const [was = '', is = ''] = [before, after].map((bytes) => new TextDecoder().decode(bytes));
  // A single digit may as well be a flipped byte of a sealed record.
  if (/^\d+$/.test(was) && /^\d{2,}$/.test(is)) return { field: 'Content-Length, a field of the head' };
  return is === 'identity' ? { field: 'Accept-Encoding, a field of the head' } : {};
}

function both(
  before: Uint8Array,
  after: Uint8Array,
  say: (bytes: Uint8Array) => string,
): Pick<DeedWords, 'before' | 'after'> {
  return { before: say(before), after: say(after) };
}

/** The extension's length, the list's, and two bytes for each version (RFC 8446, 4.2.1). */
function versions(extension: Uint8Array): string {
  const view = new DataView(extension.buffer, extension.byteOffset, extension.byteLength);
  const named: string[] = [];
  for (let at = 3; at + 2 <= extension.length; at += 2) {
    const version = view.getUint16(at);
    named.push(isGrease(version) ? 'GREASE' : versionName(version));
  }
  return named.join(', ') || 'no version';
}

function addresses(answer: Uint8Array): string {
  const found = findFields(explainDns(answer), 'dns.a').map(({ value }) => String(value));
  return found.join(', ') || 'none';
}
