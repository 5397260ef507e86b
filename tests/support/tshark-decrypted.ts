import type { Direction } from '#contract';
import { tshark, tsharkFields } from './tshark.ts';

/** What tshark makes of one TLS connection with the keys that are in the file. */
export interface DecryptedByTshark {
  /** Application data. */
  readonly data: Readonly<Record<Direction, Buffer>>;
  /** How many bytes were in each record that it decrypted, in the order of capture. */
  readonly recordLengths: readonly number[];
  /** Types of all handshake messages, in clear and decrypted. */
  readonly handshakeTypes: readonly number[];
  /** Code point of the suite, and types of the extensions, in the ServerHello. */
  readonly suite: number;
  readonly serverExtensions: readonly number[];
}

/** The first `count` TCP connections of a capture file, whose servers are all at port 443. */
export async function decryptedByTshark(file: string, count: number): Promise<readonly DecryptedByTshark[]> {
  const streams = Array.from({ length: count }, (_, stream) => stream);
  const follow = streams.flatMap((stream) => ['-z', `follow,tls,raw,${stream}`]);
  const followed = await tshark(file, '-q', ...follow);
  const lengths = await recordLengths(file);
  const types = await tsharkFields(file, 'tls.handshake.type', 'tcp.stream', 'tls.handshake.type');
  const hellos = await tsharkFields(
    file,
    'tls.handshake.type == 2',
    ...['tcp.stream', 'tls.handshake.ciphersuite', 'tls.handshake.extension.type'],
  );
  return streams.map((stream) => {
    const [, suite = '', extensions = ''] = hellos.find(([index]) => Number(index) === stream) ?? [];
    return {
      data: sides(followed, stream),
      recordLengths: lengths.get(stream) ?? [],
      handshakeTypes: types
        .filter(([index]) => Number(index) === stream)
        .flatMap(([, list = '']) => numbers(list)),
      suite: Number(suite),
      serverExtensions: numbers(extensions),
    };
  });
}

/** The side that its list names first is not indented; it may be either, but only the server is at port 443. */
function sides(followed: string, stream: number): Record<Direction, Buffer> {
  const [, section = ''] = followed.split(`Filter: tcp.stream eq ${stream}\n`);
  const lines = (section.split('\n====')[0] ?? '').split('\n');
  const isServerFirst = lines[0]?.endsWith(':443') === true;
  const bytes = (isIndented: boolean) => {
    const own = lines.filter((line) => /^\t?[0-9a-f]+$/.test(line) && line.startsWith('\t') === isIndented);
    return Buffer.from(own.join('').replaceAll('\t', ''), 'hex');
  };
  return { 'client-to-server': bytes(isServerFirst), 'server-to-client': bytes(!isServerFirst) };
}

/** By the headings of its hex dumps, each under a line with the number of the packet's connection. */
async function recordLengths(file: string): Promise<ReadonlyMap<number, readonly number[]>> {
  const dumps = await tshark(
    file,
    ...['-Y', 'tls', '-o', 'gui.column.format:"stream","%Cus:tcp.stream"', '-P', '-x'],
  );
  const lengths = new Map<number, number[]>();
  let own: number[] = [];
  for (const line of dumps.split('\n')) {
    const stream = /^\s*(\d+)\s*$/.exec(line)?.[1];
    if (stream !== undefined) {
      own = lengths.get(Number(stream)) ?? [];
      lengths.set(Number(stream), own);
    }
    const length = /^Decrypted TLS \((\d+) bytes?\):$/.exec(line)?.[1];
    if (length !== undefined) own.push(Number(length));
  }
  return lengths;
}

/** In the way in which tshark lists the values of one field. */
function numbers(list: string): readonly number[] {
  return list.split(',').flatMap((value) => (value === '' ? [] : [Number(value)]));
}
