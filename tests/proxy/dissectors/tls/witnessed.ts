import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Field } from '#dissectors/field.ts';
import { hex } from '#dissectors/text.ts';
import { CaptureFold } from '#folds/capture.ts';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { Playing } from '../../folds/events.ts';

/** The values of each field in the order of the bytes, in hex. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** What tshark makes of the handshake: its fields by name. */
export function theirValues(chunks: readonly VectorChunk[]): Values {
  const folder = mkdtempSync(join(tmpdir(), 'plainsight-witness-'));
  try {
    const text = chunks.map(
      ({ direction, bytes }) =>
        `${direction === 'client-to-server' ? 'O' : 'I'}\n000000 ${hex(bytes).replaceAll(/../g, '$& ')}\n`,
    );
    const [from, to] = [join(folder, 'packets.txt'), join(folder, 'packets.pcap')];
    writeFileSync(from, text.join(''));
    execFileSync('text2pcap', ['-D', '-4', '10.0.0.2,10.0.0.1', '-T', '443,50000', from, to], {
      stdio: 'pipe',
    });
    const pdml = execFileSync('tshark', ['-r', to, '-T', 'pdml'], { stdio: 'pipe', maxBuffer: 1e8 });
    const fields = pdml.toString().matchAll(/<field name="(tls\.[^"]+)"[^>]*? value="([0-9a-f]+)"/g);
    return gathered([...fields].map(([, name = '', value = '']) => [name, value]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same as the folds dissect it, messages that were put together from several records included. */
export function ourValues(chunks: readonly VectorChunk[]): Values {
  const fields = dissections(chunks).flatMap(({ bytes, field }) =>
    leaves(field).map(({ name, range }) => [name, hex(bytes, range.start, range.end)] as const),
  );
  return gathered(fields.filter(([name]) => name.startsWith('tls.') && name !== 'tls.handshake.fragment'));
}

/** Every tree of a connection, record by record; of a message over several records, that of the whole comes first. */
export function dissections(chunks: readonly VectorChunk[]): ReturnType<CaptureFold['dissectAll']> {
  const playing = new Playing();
  playing.vector({ name: '', source: '', chunks }, { port: 443 });
  const { lanes, other } = playing.fold.view();
  const messages = [...lanes.https.messages, ...other.flatMap((parked) => parked.messages)];
  return messages.flatMap((message) => {
    const [onWire, ...whole] = playing.fold.dissectAll(message);
    return onWire ? [...whole, onWire] : [];
  });
}

function leaves(field: Field): readonly Field[] {
  return field.children ? field.children.flatMap(leaves) : [field];
}

function gathered(fields: Iterable<readonly [name: string, value: string]>): Values {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}
