import { type ByteReader, dissectBytes } from '../byte-reader.ts';
import type { Dissection, Field } from '../field.ts';
import { hex } from '../text.ts';
import { frameHeadLength, readFrameHead, unmasked } from './frame-head.ts';
import type { FrameSummary } from './frame-message.ts';
import { FrameRules } from './frame-rules.ts';
import { readPayload } from './payload.ts';

const OPCODES: Readonly<Record<number, string>> = {
  0: 'Continuation',
  1: 'Text',
  2: 'Binary',
  8: 'Close',
  9: 'Ping',
  10: 'Pong',
};
const PARTS = {
  whole: 'FIN: a message of its own',
  first: 'no FIN: the first part of a message',
  middle: 'no FIN: more parts follow',
  last: 'FIN: the last part of its message',
};
const MASKING =
  'Chosen anew for each frame and sent along, so whoever sees the frame can undo it: it keeps scripts from choosing the bytes on the wire, and hides nothing.';

/**
 * Explains one frame, complete or as far as it came (RFC 6455, 5.2). `frame` is what the splitter found out; without
 * it the frame is judged as a client's first. `partial` says that bytes may be missing at the end.
 */
export function explainFrame(bytes: Uint8Array, frame: FrameSummary | undefined, partial = false): Field {
  return dissectBytes(bytes, 'websocket', 'WebSocket frame', (reader) => {
    if (bytes.length < 2 || bytes.length < frameHeadLength(bytes[1] ?? 0)) {
      reader.opaque(reader.remaining, 'plainsight.websocket.head', 'Header', 'Not here whole.');
      return;
    }
    const summary = frame ?? judgedAlone(bytes);
    readHead(reader, bytes, summary);
    const { masked, payloadLength } = summary;
    if (payloadLength === Infinity)
      reader.malformed(reader.remaining, 'Says a length that no peer could send.');
    if (masked) {
      const meaning = 'As sent. Undone with the masking key, it can be read.';
      reader.opaque(reader.remaining, 'websocket.masked_payload', 'Masked payload', meaning);
    } else if (reader.remaining > 0) readPayload(reader, summary, reader.remaining === payloadLength);
    const missing = payloadLength - (bytes.length - summary.headLength);
    if (missing > 0 && !partial)
      reader.malformed(0, `Says ${payloadLength} bytes of payload, ${missing} are missing.`);
  });
}

/** The payload of a masked frame without its mask; undefined when there is none. */
export function explainUnmasked(bytes: Uint8Array, frame: FrameSummary | undefined): Dissection | undefined {
  if (!frame?.masked || bytes.length <= frame.headLength) return undefined;
  const key = bytes.subarray(frame.headLength - 4, frame.headLength);
  const payload = unmasked(bytes.subarray(frame.headLength), key);
  const field = dissectBytes(payload, 'websocket.payload', 'Payload', (reader) =>
    readPayload(reader, frame, payload.length === frame.payloadLength),
  );
  return { source: 'decoded', title: 'Payload, unmasked', bytes: payload, field };
}

function readHead(reader: ByteReader, bytes: Uint8Array, frame: FrameSummary): void {
  const head = readFrameHead(bytes);
  const opcode = OPCODES[head.opcode] ?? 'Reserved opcode';
  const reserved = head.reserved === 0 ? '' : `; RSV bits ${head.reserved.toString(2).padStart(3, '0')}`;
  const compressed = frame.compressed && head.opcode !== 0 ? ' (compressed with permessage-deflate)' : '';
  readFlagged(reader, frame, 0, 'plainsight.websocket.first_byte', 'FIN, RSV, opcode', () =>
    reader.decoded(
      1,
      'websocket.opcode',
      'FIN, RSV, opcode',
      head.opcode,
      `${opcode}; ${PARTS[frame.part]}${reserved}${compressed}`,
    ),
  );
  const { shortLength } = head;
  const longer =
    shortLength === 126 ? ', the length is in the next 2 bytes' : ', the length is in the next 8 bytes';
  const length = `${head.masked ? 'masked' : 'not masked'}${shortLength < 126 ? `, ${shortLength} bytes of payload` : longer}`;
  readFlagged(reader, frame, 1, 'plainsight.websocket.second_byte', 'Mask, payload length', () =>
    reader.decoded(1, 'websocket.payload_length', 'Mask, payload length', shortLength, length),
  );
  if (shortLength === 126) reader.uint(2, 'websocket.payload_length_ext_16', 'Extended payload length');
  if (shortLength === 127) {
    const value = head.payloadLength === Infinity ? `0x${hex(reader.ahead(8))}` : head.payloadLength;
    reader.decoded(8, 'websocket.payload_length_ext_64', 'Extended payload length', value);
  }
  if (head.masked) reader.opaque(4, 'websocket.masking_key', 'Masking key', MASKING);
}

/** A byte that breaks a rule lies in a group that says which. */
function readFlagged(
  reader: ByteReader,
  { faults }: FrameSummary,
  byte: 0 | 1,
  name: string,
  label: string,
  read: () => void,
): void {
  const why = faults.filter((fault) => fault.byte === byte).map((fault) => fault.why);
  if (why.length === 0) read();
  else
    reader.group(name, label, () => {
      read();
      reader.malformed(0, why.join(' '));
    });
}

function judgedAlone(bytes: Uint8Array): FrameSummary {
  const head = readFrameHead(bytes);
  return new FrameRules(head.masked, { compression: false }).judge(head);
}
