import type { ByteReader } from '../byte-reader.ts';
import { readName } from './name.ts';
import { readRecordData } from './record-data.ts';
import { CLASSES, RECORD_TYPES } from './registries.ts';

const SRV = 33;
const OPT = 41;

/** A resource record (RFC 1035, 4.1.3). `message` is the whole message, into which names may point back. */
export function explainRecord(reader: ByteReader, message: Uint8Array): void {
  reader.group('plainsight.dns.record', 'Record', () => {
    const name = readName(message, reader.position);
    if (typeof name === 'string') reader.fail(name);
    // The owner of an SRV record is a service and a protocol at a name, which Wireshark calls otherwise.
    const isService = (reader.peek(name.size) ?? 0) * 256 + (reader.peek(name.size + 1) ?? 0) === SRV;
    reader.decoded(name.size, isService ? 'dns.srv.name' : 'dns.resp.name', 'Name', name.text);
    const type = reader.uint(2, 'dns.resp.type', 'Type', (value) => RECORD_TYPES[value]);
    if (type === OPT) readOptHeader(reader);
    else {
      reader.uint(2, 'dns.resp.class', 'Class', (value) => CLASSES[value]);
      reader.uint(4, 'dns.resp.ttl', 'Time to live', (seconds) => `${seconds} seconds`);
    }
    const length = reader.uint(2, 'dns.resp.len', 'Data length');
    reader.describe({ value: name.text, meaning: RECORD_TYPES[type] ?? `type ${type}` });
    if (length > 0)
      reader.block(length, 'plainsight.dns.record_data', 'Data', () => readRecordData(reader, message, type));
  });
}

/** OPT borrows the fields of an ordinary record for other things (RFC 6891, 6.1.2 and 6.1.3). */
function readOptHeader(reader: ByteReader): void {
  reader.uint(2, 'dns.rr.udp_payload_size', 'UDP payload size', (size) => `up to ${size} bytes are taken`);
  reader.uint(1, 'dns.resp.ext_rcode', 'Upper bits of the response code', (value) =>
    value === 0 ? 'none: the code in the header is the whole' : undefined,
  );
  reader.uint(1, 'dns.resp.edns0_version', 'EDNS version');
  reader.uint(2, 'dns.resp.z', 'Flags', (value) =>
    (value & 0x8000) !== 0 ? 'signatures (DNSSEC) are wanted' : 'signatures (DNSSEC) are not asked for',
  );
}
