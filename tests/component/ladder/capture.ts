import { CaptureFold } from '#folds/capture.ts';
import http from '../../vectors/http-login.hex?raw';
import tls12 from '../../vectors/tls12-login.hex?raw';
import tls13 from '../../vectors/tls13-login.hex?raw';
import { TestCapture } from '../support/capture.ts';

/** A login over HTTP, one over TLS 1.2 and one over TLS 1.3, as connections 1, 2 and 3. */
export function threeLogins(): CaptureFold {
  const capture = new TestCapture();
  for (const [index, vector] of [http, tls12, tls13].entries()) play(capture, index + 1, vector);
  return capture.fold;
}

export function play(
  capture: TestCapture,
  connection: number,
  vector: string,
  how?: Parameters<TestCapture['open']>[3],
): void {
  capture.open(connection, vector === http ? 80 : 443, undefined, how);
  for (const [, way, pairs] of vector.matchAll(/^([<>]) ([0-9a-f ]+)/gm)) {
    const direction = way === '>' ? 'client-to-server' : 'server-to-client';
    const bytes = (pairs ?? '').trim().split(' ');
    capture.bytes(
      connection,
      direction,
      Uint8Array.from(bytes, (pair) => Number.parseInt(pair, 16)),
    );
  }
}
