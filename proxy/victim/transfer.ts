import type { LoginRequest, LoginResult } from '#contract';
import type { VictimClient } from './request.ts';
import { openSession, postJson } from './session.ts';

/** Whose account, at which site, and what the victim means to send; rupees. */
export interface TransferRequest extends LoginRequest {
  readonly payee: string;
  readonly amount: number;
}

/** What the site says it did, in the site's own words; `ok` when it says that it has booked. */
export interface TransferResult extends LoginResult {
  readonly booked?: boolean;
  readonly payee?: string;
  readonly amount?: number;
}

export interface TransferAnswer {
  readonly http?: TransferResult;
  readonly https?: TransferResult;
}

/** Logs in and sends money, over one connection. Who is not let in sends none. */
export async function transfer(
  client: VictimClient,
  { mobile, password, payee, amount }: TransferRequest,
): Promise<Omit<TransferResult, 'requests'>> {
  const { ok, status, name, cookie } = await openSession(client, {
    ...{ page: '/', api: '/api/v1/login', body: { mobile, password } },
  });
  const known = name === undefined ? {} : { name };
  if (!ok) return { ok, status, ...known };
  const said = await postJson(client, '/api/v1/transfer', { payee, amount }, cookie);
  const { booked, payee: toWhom, amount: howMuch } = said.answer;
  return {
    ok: said.status === 200 && booked === true,
    status: said.status,
    ...known,
    ...(typeof booked === 'boolean' ? { booked } : {}),
    ...(typeof toWhom === 'string' ? { payee: toWhom } : {}),
    ...(typeof howMuch === 'number' ? { amount: howMuch } : {}),
  };
}
