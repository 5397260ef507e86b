import { findField, findFields } from '#dissectors/byte-reader.ts';
import type { Field } from '#dissectors/field.ts';
import { explainFrame, explainUnmasked } from '#dissectors/websocket/explain.ts';
import { frameOf } from '#dissectors/websocket/frame-message.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VectorChunk } from '../../../vectors/vector.ts';
import { dissect, expectCovered, malformations } from '../feeding.ts';
import { bytes, fromClient, fromServer, handshake } from './frames.ts';

/** The tree of the one frame that follows a handshake. */
function explained(chunk: VectorChunk, change = {}): Field {
  const frame = dissect([...handshake(change), chunk])[2];
  const field = explainFrame(chunk.bytes, frame && frameOf(frame), frame?.complete === false);
  expectCovered(field, chunk.bytes.length);
  return field;
}

function unmaskedOf(chunk: VectorChunk) {
  const frame = dissect([...handshake(), chunk])[2];
  const dissection = explainUnmasked(chunk.bytes, frame && frameOf(frame));
  if (dissection) expectCovered(dissection.field, dissection.bytes.length);
  return dissection;
}

describe('a frame from the server', () => {
  test('leads from its two header bytes to its text', () => {
    const field = explained(fromServer('81 05 48 65 6c 6c 6f'));
    expect(findField(field, 'websocket.opcode')).toMatchObject({ value: 1, range: { start: 0, end: 1 } });
    expect(findField(field, 'websocket.opcode')?.meaning).toContain('FIN');
    expect(findField(field, 'websocket.payload_length')).toMatchObject({
      value: 5,
      range: { start: 1, end: 2 },
    });
    expect(findField(field, 'websocket.payload_length')?.meaning).toContain('not masked');
    expect(findField(field, 'websocket.payload.text')).toMatchObject({
      value: 'Hello',
      range: { start: 2, end: 7 },
    });
    expect(malformations(field)).toEqual([]);
  });

  test('is taken apart down to the value when it is JSON', () => {
    const text = Buffer.from('{"from":"Asha"}').toString('hex');
    const field = explained(fromServer(`81 0f ${text}`));
    expect(findField(field, 'json.value.string')).toMatchObject({ label: 'from', value: 'Asha' });
  });

  test.each(['{"open', '[1,', 'plain'])('is text when it only looks like JSON: %s', (text) => {
    const hex = Buffer.from(text).toString('hex');
    const field = explained(fromServer(`81 0${text.length} ${hex}`));
    expect(findField(field, 'websocket.payload.text')?.value).toBe(text);
    expect(malformations(field)).toEqual([]);
  });

  test('says why it closes', () => {
    const field = explained(fromServer('88 05 03 e8 62 79 65'));
    expect(findField(field, 'websocket.payload.close.status_code')).toMatchObject({
      value: 1000,
      meaning: 'normal closure',
    });
    expect(findField(field, 'websocket.payload.close.reason')?.value).toBe('bye');
  });

  test.each([
    ['03 ed', 'never sent'],
    ['0b b8', 'library'],
    ['0f a0', 'agreed'],
    ['00 01', 'not defined'],
  ])('knows what kind of close code %s is', (code, meaning) => {
    const field = explained(fromServer(`88 02 ${code}`));
    expect(findField(field, 'websocket.payload.close.status_code')?.meaning).toContain(meaning);
  });

  test.each([
    ['89 01 61', 'websocket.payload.ping'],
    ['8a 01 61', 'websocket.payload.pong'],
    ['82 01 61', 'plainsight.websocket.payload.binary'],
    ['83 01 61', 'websocket.payload.unknown'],
    ['80 01 61', 'websocket.payload.unknown'],
  ])('%s carries %s', (hex, name) => {
    const field = explained(fromServer(hex));
    expect(findFields(field, name).length + findFields(field, 'websocket.payload.continue').length).toBe(1);
  });

  test('shows longer lengths in their own bytes', () => {
    const medium = explained(fromServer(`82 7e 01 00 ${'00'.repeat(256)}`));
    expect(findField(medium, 'websocket.payload_length_ext_16')).toMatchObject({
      value: 256,
      range: { start: 2, end: 4 },
    });
    const long = explained(fromServer(`82 7f 00 00 00 00 00 01 00 00 ${'00'.repeat(65_536)}`));
    expect(findField(long, 'websocket.payload_length_ext_64')).toMatchObject({
      value: 65_536,
      range: { start: 2, end: 10 },
    });
  });

  test('that was compressed stays as it was sent, and says so', () => {
    const field = explained(fromServer('c1 02 aa bb'), { extensions: 'permessage-deflate' });
    expect(findField(field, 'websocket.opcode')?.meaning).toContain('compressed');
    expect(findField(field, 'websocket.payload')?.meaning).toContain('permessage-deflate');
    expect(malformations(field)).toEqual([]);
  });
});

describe('a frame from the client', () => {
  const HELLO = fromClient('81 85 37 fa 21 3d 7f 9f 4d 51 58');

  test('shows its masking key, what masking is for, and the payload as sent', () => {
    const field = explained(HELLO);
    expect(findField(field, 'websocket.masking_key')).toMatchObject({ value: '37fa213d' });
    expect(findField(field, 'websocket.masking_key')?.meaning).toContain('hides nothing');
    expect(findField(field, 'websocket.masked_payload')?.value).toBe('7f9f4d5158');
    expect(findField(field, 'websocket.payload.text')).toBeUndefined();
  });

  test('has its text in a second dissection, with the mask undone', () => {
    const dissection = unmaskedOf(HELLO);
    expect(dissection).toMatchObject({ source: 'decoded', title: 'Payload, unmasked' });
    expect(new TextDecoder().decode(dissection?.bytes)).toBe('Hello');
    expect(dissection && findField(dissection.field, 'websocket.payload.text')?.value).toBe('Hello');
  });

  test('without a payload has no second dissection', () => {
    expect(unmaskedOf(fromClient('89 80 01 02 03 04'))).toBeUndefined();
  });
});

describe('what is wrong', () => {
  test('is said at the byte that says it', () => {
    const [first, second] = explained(fromClient('93 01 61')).children ?? [];
    expect(first).toMatchObject({ range: { start: 0, end: 1 } });
    expect(first?.malformed).toContain('reserved');
    expect(second).toMatchObject({ range: { start: 1, end: 2 } });
    expect(second?.malformed).toContain('must mask');
  });

  test('is nothing in a frame that is still arriving, at whatever byte', () => {
    const whole = bytes('81 85 37 fa 21 3d 7f 9f 4d 51 58');
    for (let length = 1; length < whole.length; length++) {
      const field = explained({ direction: 'client-to-server', bytes: whole.subarray(0, length) });
      expect(malformations(field)).toEqual([]);
    }
  });

  test('is that bytes are missing when no more will come', () => {
    const field = explainFrame(bytes('81 05 48'), undefined);
    expect(malformations(field)).toContain('Says 5 bytes of payload, 4 are missing.');
  });
});

test('no bytes make it throw, and leaves cover all of them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (random, partial) => {
      expectCovered(explainFrame(random, undefined, partial), random.length);
    }),
    { numRuns: 2000 },
  );
});
