import type { LogEvent } from '#contract';
import { decode, encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { withOwnBytes } from '../../../dashboard/src/lib/state/own-bytes.ts';

const numbers = { epoch: 1, seq: 1, time: 0 };
const KEY = new Uint8Array(32).fill(7);
const DER = new Uint8Array(600).fill(8);
const BODY = new Uint8Array(100_000);

/** As it arrives: in a batch with a hundred kilobytes of a body. */
function received(event: LogEvent): LogEvent {
  const { events } = decode(encode({ events: [event, { bytes: BODY }] })) as { events: [LogEvent, unknown] };
  return withOwnBytes(events[0]);
}

const held = (bytes: Uint8Array) => bytes.buffer.byteLength;

test('a told key or certificate that is kept keeps nothing else with it', () => {
  const leaked = received({
    ...{ ...numbers, vantage: 'site', type: 'private-key-leaked', host: 'piggypay.test' },
    key: KEY,
  });
  const share = received({
    ...{ ...numbers, vantage: 'victim', type: 'key-share-told', connection: 1, group: 29 },
    privateKey: KEY,
  });
  const certificate = received({
    ...{ ...numbers, vantage: 'victim', type: 'certificate-received', connection: 1, host: 'piggypay.test' },
    ...{ chain: [DER], trusted: [DER] },
  });
  if (leaked.type !== 'private-key-leaked' || share.type !== 'key-share-told')
    throw new Error('another event');
  if (certificate.type !== 'certificate-received') throw new Error('another event');
  expect([leaked.key, share.privateKey]).toEqual([KEY, KEY]);
  expect([certificate.chain, certificate.trusted]).toEqual([[DER], [DER]]);
  expect([leaked.key, share.privateKey].map(held)).toEqual([32, 32]);
  expect([...certificate.chain, ...certificate.trusted].map(held)).toEqual([600, 600]);
});

test('captured bytes are not copied', () => {
  const event: LogEvent = {
    ...{ ...numbers, vantage: 'wire', type: 'bytes-captured', hop: 'cafe', connection: 1 },
    ...{ direction: 'client-to-server', offset: 0, bytes: BODY },
  };
  expect(withOwnBytes(event)).toBe(event);
});
