import type { AttackId, AttackLane, AttackVerdict, LogEvent } from '#contract';
import { expect } from 'vitest';
import { PERSONA } from '../../../demo-sites/piggypay/persona.ts';
import { VictimClient, type VictimResponse } from '../../../proxy/victim/request.ts';
import type { AttackedLab } from './attacked-lab.ts';

/** The newest word on a lane, once there is one that is as told; any unless told. */
export async function verdictOf(
  lab: AttackedLab,
  id: AttackId,
  lane: AttackLane,
  like: object = {},
): Promise<AttackVerdict> {
  const newest = () => lab.attacks.list().find((info) => info.id === id)?.whileArmed[lane];
  await expect
    .poll(() => newest() ?? 'none yet', { interval: 5 })
    .toMatchObject({ outcome: expect.any(String) as string, ...like });
  const verdict = newest();
  if (verdict === undefined) throw new Error('there is no verdict');
  return verdict;
}

export function ofType<Type extends LogEvent['type']>(lab: AttackedLab, type: Type) {
  return lab.log.after(0).filter((event): event is Extract<LogEvent, { type: Type }> => event.type === type);
}

/** What the stranger has opened of its own. */
export const strangersConnections = (lab: AttackedLab) =>
  ofType(lab, 'connection-opened').filter(({ opener }) => opener === 'stranger');

/** Resolves when every connection that was opened is closed. */
export async function untilNothingIsOpen(lab: AttackedLab): Promise<void> {
  const open = () => {
    const closed = new Set(ofType(lab, 'connection-closed').map(({ connection }) => connection));
    return ofType(lab, 'connection-opened').filter(({ connection }) => !closed.has(connection)).length;
  };
  await expect.poll(open, { interval: 5 }).toBe(0);
}

/** Somebody who comes through the demo browser's door, and keeps the connection. */
export class Person {
  readonly #client: VictimClient;
  #cookie: string | undefined;

  constructor(lab: AttackedLab, lane: AttackLane) {
    this.#client = new VictimClient({
      ...{ address: '127.0.0.1', port: lab.door(lane), host: 'piggypay.test' },
      signal: new AbortController().signal,
      ...(lane === 'https' && { tls: { authority: lab.authorityPem } }),
    });
  }

  get(path: string): Promise<VictimResponse> {
    return this.#client.send('GET', path, this.#headers());
  }

  async post(path: string, body: object): Promise<VictimResponse> {
    const headers = { ...this.#headers(), 'Content-Type': 'application/json' };
    const response = await this.#client.send('POST', path, headers, JSON.stringify(body));
    this.#cookie = response.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? this.#cookie;
    return response;
  }

  logIn(password: string = PERSONA.password): Promise<VictimResponse> {
    return this.post('/api/v1/login', { mobile: PERSONA.mobile, password });
  }

  pay(payee: string, amount: number): Promise<VictimResponse> {
    return this.post('/api/v1/transfer', { payee, amount });
  }

  leave(): void {
    this.#client.close();
  }

  #headers(): Record<string, string> {
    return { 'User-Agent': 'Browser/1.0', ...(this.#cookie !== undefined && { Cookie: this.#cookie }) };
  }
}
