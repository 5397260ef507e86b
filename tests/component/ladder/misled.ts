import type { LogEvent } from '#contract';
import { CaptureFold } from '#folds/capture.ts';
import { utf8 } from '../support/bytes.ts';

type Without<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

/** A request over HTTP that a forged answer to the look-up has led to the stranger’s copy of the site. */
export function misled(): CaptureFold {
  const wire = { epoch: 1000, vantage: 'wire' } as const;
  const fold = new CaptureFold();
  const route = { name: 'piggypay.test', port: 80, tls: false, address: '127.0.0.1:1', listen: 2 };
  const opened = { ...wire, type: 'connection-opened', opener: 'scripted-victim' } as const;
  const client = { address: '127.0.0.1', port: 40_000 };
  const crossed = { ...wire, type: 'bytes-captured' } as const;
  const server = { name: 'piggypay.test', port: 80, address: '127.0.0.1:66' };
  const resolver = { name: 'resolver.test', port: 53, address: '127.0.0.1:5' };
  const [forged, genuine] = [answer(66), answer(1)];
  const ask = { connection: 1, direction: 'client-to-server', offset: 0 } as const;
  const told = { connection: 1, direction: 'server-to-client' } as const;
  const events: readonly Without<LogEvent, 'seq' | 'time'>[] = [
    { ...wire, type: 'epoch-started', wallClock: '', routes: [route], source: 'live' },
    { ...opened, hop: 'resolver', connection: 1, transport: 'udp', client, server: resolver },
    { ...crossed, hop: 'resolver', ...ask, bytes: question() },
    { ...crossed, hop: 'resolver', ...told, offset: 0, bytes: forged },
    { ...crossed, hop: 'resolver', ...told, offset: forged.length, bytes: genuine },
    {
      ...{ ...wire, type: 'attack-acted', attack: 'forge-name', ...told },
      ...{ offset: forged.length, before: genuine, after: forged },
    },
    { ...opened, hop: 'cafe', connection: 2, transport: 'tcp', client, server },
    {
      ...{ ...crossed, hop: 'cafe', connection: 2, direction: 'client-to-server', offset: 0 },
      bytes: utf8('GET / HTTP/1.1\r\nHost: piggypay.test\r\n\r\n'),
    },
  ];
  for (const [index, event] of events.entries()) fold.apply({ ...event, seq: index + 1, time: index * 1e6 });
  return fold;
}

const NAME = [8, ...utf8('piggypay'), 4, ...utf8('test'), 0];

/** A DNS query for the IPv4 address of the site (RFC 1035, 4.1). */
function question(): Uint8Array {
  return Uint8Array.of(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...NAME, 0, 1, 0, 1);
}

/** Its answer, an address on loopback that ends in this number. */
function answer(last: number): Uint8Array {
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, last];
  return Uint8Array.of(0, 7, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...NAME, 0, 1, 0, 1, ...record);
}
