import type { ByteReader } from '../byte-reader.ts';
import { isJson, readJson } from '../http1/json.ts';
import { CLOSE_CODES } from './close-codes.ts';
import type { FrameSummary } from './frame-message.ts';

/** What is left of a frame: its payload without a mask, whole or as far as it came. */
export function readPayload(reader: ByteReader, frame: FrameSummary, whole: boolean): void {
  const length = reader.remaining;
  const { kind, compressed, part } = frame;
  if (compressed) {
    const meaning =
      'As sent: compressed with permessage-deflate, as a rule with the messages before it as a dictionary, so it is not undone here.';
    reader.opaque(length, 'websocket.payload', 'Compressed payload', meaning);
  } else if (kind === 'close') readClose(reader);
  else if (kind === 'text' && part === 'whole' && whole && isJson(reader.ahead())) {
    reader.block(length, 'websocket.payload.text', 'Text', () => readJson(reader));
  } else if (kind === 'text') {
    const name = frame.opcode === 0 ? 'websocket.payload.continue' : 'websocket.payload.text';
    // A part may end in the middle of a character, which the next one completes.
    reader.text(length, name, 'Text');
  } else if (kind === 'ping' || kind === 'pong') {
    const meaning = kind === 'ping' ? 'Comes back in a Pong.' : 'What the Ping carried, if it answers one.';
    reader.opaque(length, `websocket.payload.${kind}`, kind === 'ping' ? 'Ping' : 'Pong', meaning);
  } else if (frame.opcode === 0) reader.opaque(length, 'websocket.payload.continue', 'Continued data');
  else if (kind === 'binary') reader.opaque(length, 'plainsight.websocket.payload.binary', 'Binary data');
  else reader.opaque(length, 'websocket.payload.unknown', 'Data of an unknown kind');
}

/** RFC 6455, 5.5.1 and 7.4. */
function readClose(reader: ByteReader): void {
  if (reader.remaining < 2) {
    reader.malformed(reader.remaining, 'Half of a status code.', 'websocket.payload.close', 'Close');
    return;
  }
  reader.uint(2, 'websocket.payload.close.status_code', 'Status code', closeMeaning);
  if (reader.remaining > 0) reader.text(reader.remaining, 'websocket.payload.close.reason', 'Reason');
}

function closeMeaning(code: number): string {
  if (code >= 3000 && code < 5000)
    return code < 4000 ? 'for a library or framework, registered with IANA' : 'agreed on by the two ends';
  return CLOSE_CODES[code] ?? 'not defined';
}
