import { expect, test } from 'vitest';
import { MisledVisits } from '../../../proxy/attacks/misled-visits.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

test('keeps what the copies were told by connection, of the newest, until it forgets', () => {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  for (let connection = 1; connection <= 70; connection += 1)
    log.registerUpstreamPorts({ from: 5000 + connection, to: 6000 }, connection);
  const visits = new MisledVisits(log);
  const asked = (connection: number, login?: string) =>
    visits.hear({
      type: 'asked',
      ports: { from: 5000 + connection, to: 6000 },
      ...(login !== undefined && { login }),
    });
  asked(1);
  asked(1, 'first');
  asked(1, 'second');
  visits.hear({ type: 'left', ports: { from: 5002, to: 6000 }, reason: 'unknown ca' });
  visits.hear({ type: 'asked', ports: { from: 5003, to: 6001 } });
  expect([visits.on(1), visits.on(2), visits.on(3)]).toEqual([
    { requests: 3, login: 'second' },
    { requests: 0, left: 'unknown ca' },
    { requests: 0 },
  ]);
  for (let connection = 3; connection <= 65; connection += 1) asked(connection);
  expect([visits.on(1), visits.on(2), visits.on(65)]).toEqual([
    { requests: 0 },
    { requests: 0, left: 'unknown ca' },
    { requests: 1 },
  ]);
  visits.forget();
  expect(visits.on(65)).toEqual({ requests: 0 });
});
