import type { ByteReader } from '../byte-reader.ts';
import { readName } from './name.ts';
import { CLASSES, RECORD_TYPES } from './registries.ts';

const A = 1;
const CNAME = 5;
const AAAA = 28;
const OPT = 41;

/** A resource record (RFC 1035, 4.1.3). `message` is the whole message, into which names may point back. */
export function explainRecord(reader: ByteReader, message: Uint8Array): void {
  reader.group('dns.resp', 'Record', () => {
    const name = readName(message, reader.position);
    if (typeof name === 'string') reader.fail(name);
    reader.decoded(name.size, 'dns.resp.name', 'Name', name.text);
    const type = reader.uint(2, 'dns.resp.type', 'Type', (value) => RECORD_TYPES[value]);
    if (type === OPT) {
      // OPT borrows the fields of an ordinary record for other things (RFC 6891, 6.1.2).
      reader.uint(2, 'dns.rr.udp_payload_size', 'UDP payload size');
      reader.uint(4, 'dns.resp.ext_rcode_flags', 'Extended response code and flags');
    } else {
      reader.uint(2, 'dns.resp.class', 'Class', (value) => CLASSES[value]);
      reader.uint(4, 'dns.resp.ttl', 'Time to live', (seconds) => `${seconds} seconds`);
    }
    const length = reader.uint(2, 'dns.resp.len', 'Data length');
    reader.describe({ value: name.text, meaning: RECORD_TYPES[type] ?? `type ${type}` });
    if (length > 0)
      reader.block(length, 'dns.resp.data', 'Data', () => explainData(reader, message, type, length));
  });
}

function explainData(reader: ByteReader, message: Uint8Array, type: number, length: number): void {
  const bytes = reader.ahead(length);
  if (type === A && length === 4) reader.decoded(4, 'dns.a', 'Address', bytes.join('.'));
  else if (type === AAAA && length === 16) reader.decoded(16, 'dns.aaaa', 'AAAA address', asIpv6(bytes));
  else if (type === CNAME) {
    const name = readName(message, reader.position);
    if (typeof name === 'string') reader.fail(name);
    reader.decoded(name.size, 'dns.cname', 'CNAME', name.text);
  } else reader.opaque(length, 'dns.data', 'Data');
}

/** As RFC 5952 writes it: lower case, no leading zeros, the longest run of zero groups as `::`. */
function asIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[index * 2] ?? 0) * 256 + (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(':');
  const runs = [...groups.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].map(([run]) => run);
  const [longest] = runs.sort((one, other) => other.length - one.length);
  return longest === undefined ? groups : groups.replace(longest, '::').replace(/:{3,}/, '::');
}
