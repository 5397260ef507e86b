import type { LogEvent } from '#contract';
import { expect, test } from 'vitest';
import { captureFile } from '../../../proxy/pcapng/capture-file.ts';
import { isSecret } from '../../../proxy/pcapng/statement.ts';
import { readCapture } from '../../../proxy/recording/read-capture.ts';
import { Playing } from '../folds/events.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** The stranger changes bytes on the wire, and reads others inside TLS that it ended. */
function acting(): readonly LogEvent[] {
  const playing = new Playing();
  const connection = playing.open();
  playing.send(connection, 'client-to-server', 'the wire');
  playing.close(connection);
  const about = { epoch: 1000, time: 1e9, vantage: 'wire', connection } as const;
  const acted = { ...about, type: 'attack-acted', direction: 'client-to-server' } as const;
  return [
    ...playing.events,
    {
      ...acted,
      seq: playing.seq + 1,
      attack: 'change',
      offset: 4,
      before: bytes('wire'),
      after: bytes('line'),
    },
    { ...acted, seq: playing.seq + 2, attack: 'impersonate', before: bytes('monsoon-42'), after: bytes('x') },
  ];
}

const write = (events: readonly LogEvent[], withKeys: boolean) =>
  Buffer.concat([...captureFile(events, withKeys ? { secrets: events.filter(isSecret) } : {})]);
const hex = Buffer.from('monsoon-42').toString('hex');
const actedIn = (file: Buffer) =>
  readCapture(file).events.flatMap((event) => (event.type === 'attack-acted' ? [event] : []));

test('what was read inside TLS stands in no file without keys; what crossed the wire does', () => {
  const file = write(acting(), false);
  expect(file.includes(hex)).toBe(false);
  expect(actedIn(file).map(({ attack }) => attack)).toEqual(['change']);
});

test('with keys it stands among them, and comes back as it was', () => {
  const events = acting();
  const file = write(events, true);
  expect(file.includes(hex)).toBe(true);
  const acted = events.flatMap((event) => (event.type === 'attack-acted' ? [event] : []));
  expect(actedIn(file).map((event) => ({ ...event, epoch: 1000 }))).toEqual(acted);
});
