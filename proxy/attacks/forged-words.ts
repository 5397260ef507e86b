import type { AttackActed } from '#contract';
import { addressIn } from './forged-answer.ts';

const HANDSHAKE = 22;
const ALERT = 21;

/** Both answers to a look-up, out of what the stranger did to it. */
export function answersText(deed: AttackActed | undefined): string {
  const [forged, real] = [addressIn(deed?.after), addressIn(deed?.before)];
  if (forged === undefined) return 'No look-up was answered by the stranger.';
  const late = real === undefined ? 'the resolver answered nothing' : `the resolver’s ${real} came too late`;
  return `The stranger answered ${forged} first; ${late}.`;
}

/** What the victim has sent over TLS before it left. */
export function sentText(sent: Buffer): string {
  const first = sent.length > 5 && sent[0] === HANDSHAKE ? 5 + sent.readUInt16BE(3) : 0;
  if (first > 0 && first === sent.length)
    return `its ClientHello of ${first} bytes and nothing more (Node closes without an alert; a browser sends one)`;
  const isAlert = first > 0 && sent[first] === ALERT;
  return isAlert ? `its ClientHello and an alert, ${sent.length} bytes` : `${sent.length} bytes`;
}
