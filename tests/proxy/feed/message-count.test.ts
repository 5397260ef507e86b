import { RecordingError } from '#recording/recording-error.ts';
import { expect, test } from 'vitest';
import { countMessages } from '../../../proxy/feed/message-count.ts';
import { Playing } from '../folds/events.ts';

/** Five messages: a datagram, two requests in one chunk, an answer, and bytes that only the end makes something of. */
function aCapture(): Playing {
  const playing = new Playing();
  playing.send(playing.open({ transport: 'udp', port: 53 }), 'client-to-server', 'question');
  const connection = playing.open();
  playing.send(connection, 'client-to-server', 'GET / HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n');
  playing.send(connection, 'server-to-client', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  playing.close(connection);
  const short = playing.open();
  playing.send(short, 'client-to-server', 'GE');
  playing.close(short);
  return playing;
}

test('connections and messages are counted, each once', async () => {
  expect(await countMessages(aCapture().events)).toEqual({ connections: 3, messages: 5 });
});

test('more messages than can be shown are refused, however few bytes they take', async () => {
  const { events } = aCapture();
  await expect(countMessages(events, 5)).resolves.toMatchObject({ messages: 5 });
  await expect(countMessages(events, 4)).rejects.toThrow(RecordingError);
  await expect(countMessages(events, 4)).rejects.toMatchObject({ code: 'too-much-in-file' });
});
