import { expect, test } from 'vitest';
import { MisledVisits } from '../../../proxy/attacks/misled-visits.ts';
import { CaptureLog } from '../../../proxy/capture/log.ts';

test('keeps what the copies were told by connection, of the newest, until it forgets', () => {
  const log = new CaptureLog();
  log.begin({ routes: [] });
  for (let connection = 1; connection <= 70; connection += 1)
    log.registerUpstreamPort(5000 + connection, connection);
  const visits = new MisledVisits(log);
  const asked = (connection: number, login?: string) =>
    visits.hear({ type: 'asked', remotePort: 5000 + connection, ...(login !== undefined && { login }) });
  asked(1);
  asked(1, 'first');
  asked(1, 'second');
  visits.hear({ type: 'left', remotePort: 5002, reason: 'unknown ca' });
  visits.hear({ type: 'asked', remotePort: 4000 });
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
