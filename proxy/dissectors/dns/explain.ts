import { dissectBytes, type ByteReader } from '../byte-reader.ts';
import type { Field } from '../field.ts';
import { hexNumber } from '../text.ts';
import { readName } from './name.ts';
import { explainRecord } from './record.ts';
import { CLASSES, OPCODES, RECORD_TYPES, RESPONSE_CODES } from './registries.ts';

/** A DNS message as one datagram carries it (RFC 1035, 4.1), down to its flags, names and addresses. */
export function explainDns(bytes: Uint8Array): Field {
  return dissectBytes(bytes, 'dns', 'Domain Name System', (reader) => {
    reader.uint(2, 'dns.id', 'Transaction ID', (id) => hexNumber(id));
    reader.uint(2, 'dns.flags', 'Flags', describeFlags);
    const questions = reader.uint(2, 'dns.count.queries', 'Questions');
    const answers = reader.uint(2, 'dns.count.answers', 'Answer RRs');
    const authorities = reader.uint(2, 'dns.count.auth_rr', 'Authority RRs');
    const additional = reader.uint(2, 'dns.count.add_rr', 'Additional RRs');
    // Counts are only claims: reading stops where the bytes stop.
    section(reader, 'Queries', questions, () => explainQuestion(reader, bytes));
    section(reader, 'Answers', answers, () => explainRecord(reader, bytes));
    section(reader, 'Authoritative nameservers', authorities, () => explainRecord(reader, bytes));
    section(reader, 'Additional records', additional, () => explainRecord(reader, bytes));
  });
}

/** A line for a list: `Query A piggypay.test`, `Answer 127.0.0.1`, `No such name`; undefined when it is no DNS. */
export function summarizeDns(bytes: Uint8Array): { title: string; detail?: string } | undefined {
  if (bytes.length < 12) return undefined;
  const flags = uint16(bytes, 2);
  const name = readName(bytes, 12);
  if (uint16(bytes, 4) === 0 || typeof name === 'string') return undefined;
  const type = uint16(bytes, 12 + name.size);
  const question = `${RECORD_TYPES[type] ?? `type ${type}`} ${name.text}`;
  if ((flags & 0x8000) === 0) return { title: `Query ${question}`, detail: 'in clear' };
  const code = flags & 0xf;
  const outcome = code === 0 ? `${uint16(bytes, 6)} answers` : (RESPONSE_CODES[code] ?? `code ${code}`);
  return { title: `Response ${question}`, detail: outcome === '1 answers' ? '1 answer' : outcome };
}

function section(reader: ByteReader, label: string, count: number, entry: () => void): void {
  if (count === 0) return;
  reader.group(`plainsight.dns.${label.toLowerCase().replaceAll(' ', '_')}`, label, () => {
    for (let index = 0; index < count; index++) {
      if (reader.remaining === 0) reader.fail(`Says ${count} entries, ${index} are here.`);
      entry();
    }
  });
}

function explainQuestion(reader: ByteReader, message: Uint8Array): void {
  reader.group('plainsight.dns.query', 'Query', () => {
    const name = readName(message, reader.position);
    if (typeof name === 'string') reader.fail(name);
    reader.decoded(name.size, 'dns.qry.name', 'Name', name.text);
    const type = reader.uint(2, 'dns.qry.type', 'Type', (value) => RECORD_TYPES[value]);
    reader.uint(2, 'dns.qry.class', 'Class', (value) => CLASSES[value]);
    reader.describe({ value: name.text, meaning: RECORD_TYPES[type] ?? `type ${type}` });
  });
}

function describeFlags(flags: number): string {
  const response = (flags & 0x8000) !== 0;
  const opcode = (flags >> 11) & 0xf;
  const parts = [response ? 'response' : 'query', OPCODES[opcode] ?? `opcode ${opcode}`];
  if ((flags & 0x0400) !== 0) parts.push('authoritative');
  if ((flags & 0x0200) !== 0) parts.push('truncated');
  if ((flags & 0x0100) !== 0) parts.push('recursion desired');
  if ((flags & 0x0080) !== 0) parts.push('recursion available');
  if (response) parts.push(RESPONSE_CODES[flags & 0xf] ?? `code ${flags & 0xf}`);
  return parts.join(', ');
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
