import type { ByteReader } from '../byte-reader.ts';
import { readName } from './name.ts';
import { SERVICE_PARAMETERS } from './registries.ts';

/** The data of one record, to the end of its block; `message` is the whole message, into which names may point. */
type Reading = (reader: ByteReader, message: Uint8Array) => void;

const READINGS: ReadonlyMap<number, Reading> = new Map<number, Reading>([
  [1, (reader) => address(reader, 'dns.a', 'Address', 4)],
  [2, (reader, message) => name(reader, message, 'dns.ns', 'Name server')],
  [5, (reader, message) => name(reader, message, 'dns.cname', 'CNAME')],
  [6, readAuthority],
  [12, (reader, message) => name(reader, message, 'dns.ptr.domain_name', 'Domain name')],
  [15, readMailExchange],
  [16, readTexts],
  [28, (reader) => address(reader, 'dns.aaaa', 'AAAA address', 16)],
  [33, readService],
  [41, readOptions],
  [64, readServiceBinding],
  [65, readServiceBinding],
]);

/** The data of a record of this type; of one that is not known it stays whole. */
export function readRecordData(reader: ByteReader, message: Uint8Array, type: number): void {
  const reading = READINGS.get(type);
  if (reading) reading(reader, message);
  if (reader.remaining > 0) reader.opaque(reader.remaining, 'dns.data', 'Data');
}

function address(reader: ByteReader, field: string, label: string, size: 4 | 16): void {
  if (reader.remaining !== size)
    reader.fail(`An address of ${size} bytes was expected, ${reader.remaining} are here.`);
  const bytes = reader.ahead(size);
  reader.decoded(size, field, label, size === 4 ? bytes.join('.') : asIpv6(bytes));
}

function name(reader: ByteReader, message: Uint8Array, field: string, label: string): void {
  const read = readName(message, reader.position);
  if (typeof read === 'string') reader.fail(read);
  reader.decoded(read.size, field, label, read.text);
}

/** RFC 1035, 3.3.13. */
function readAuthority(reader: ByteReader, message: Uint8Array): void {
  name(reader, message, 'dns.soa.mname', 'Primary name server');
  name(reader, message, 'dns.soa.rname', 'Responsible mailbox');
  reader.uint(4, 'dns.soa.serial_number', 'Serial number');
  reader.uint(4, 'dns.soa.refresh_interval', 'Refresh interval', inSeconds);
  reader.uint(4, 'dns.soa.retry_interval', 'Retry interval', inSeconds);
  reader.uint(4, 'dns.soa.expire_limit', 'Expire limit', inSeconds);
  reader.uint(4, 'dns.soa.minimum_ttl', 'Minimum time to live', inSeconds);
}

function inSeconds(value: number): string {
  return `${value} seconds`;
}

/** RFC 1035, 3.3.9. */
function readMailExchange(reader: ByteReader, message: Uint8Array): void {
  reader.uint(2, 'dns.mx.preference', 'Preference', 'The lowest is tried first.');
  name(reader, message, 'dns.mx.mail_exchange', 'Mail exchange');
}

/** RFC 1035, 3.3.14: one text or several. */
function readTexts(reader: ByteReader): void {
  while (reader.remaining > 0) {
    const length = reader.uint(1, 'dns.txt.length', 'Text length');
    if (length > 0) reader.text(length, 'dns.txt', 'Text');
  }
}

/** RFC 2782. */
function readService(reader: ByteReader, message: Uint8Array): void {
  reader.uint(2, 'dns.srv.priority', 'Priority');
  reader.uint(2, 'dns.srv.weight', 'Weight');
  reader.uint(2, 'dns.srv.port', 'Port');
  name(reader, message, 'dns.srv.target', 'Target');
}

/** The options of EDNS (RFC 6891, 6.1.2). */
function readOptions(reader: ByteReader): void {
  while (reader.remaining > 0) {
    reader.group('dns.opt', 'Option', () => {
      reader.uint(2, 'dns.opt.code', 'Option code');
      const length = reader.uint(2, 'dns.opt.len', 'Option length');
      if (length > 0) reader.opaque(length, 'dns.opt.data', 'Option data');
    });
  }
}

/** Where and how a site is reached, its ALPN and its ECH keys among it (RFC 9460, 2.2). */
function readServiceBinding(reader: ByteReader, message: Uint8Array): void {
  reader.uint(2, 'dns.svcb.svcpriority', 'Priority', (value) =>
    value === 0 ? 'an alias for the target' : undefined,
  );
  name(reader, message, 'dns.svcb.targetname', 'Target name');
  while (reader.remaining > 0) {
    reader.group('dns.svcb.svcparam', 'Parameter', () => {
      const key = reader.uint(2, 'dns.svcb.svcparam.key', 'Key', (value) => SERVICE_PARAMETERS[value]);
      const length = reader.uint(2, 'dns.svcb.svcparam.value.length', 'Length');
      reader.describe({ label: SERVICE_PARAMETERS[key] ?? `Parameter ${key}` });
      reader.block(length, 'plainsight.dns.service_parameter', 'Value', () => readParameter(reader, key));
    });
  }
}

function readParameter(reader: ByteReader, key: number): void {
  if (key === 1) {
    while (reader.remaining > 0) {
      const length = reader.uint(1, 'dns.svcb.svcparam.alpn.length', 'Name length');
      reader.text(length, 'dns.svcb.svcparam.alpn', 'Protocol');
    }
  } else if (key === 3) reader.uint(2, 'dns.svcb.svcparam.port', 'Port');
  else if (key === 4 && reader.remaining % 4 === 0) {
    while (reader.remaining > 0) address4(reader);
  } else if (key === 5) {
    reader.opaque(
      reader.remaining,
      'dns.svcb.svcparam.echconfig',
      'ECH configuration',
      'The public keys with which a client can encrypt its ClientHello, the name in it too.',
    );
  } else reader.opaque(reader.remaining, 'dns.svcb.svcparam.value', 'Value');
}

function address4(reader: ByteReader): void {
  reader.decoded(4, 'dns.svcb.svcparam.ipv4hint.ip', 'IPv4 hint', reader.ahead(4).join('.'));
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
