import type { VictimClient } from './request.ts';

/** How a login went and, when it went well, the cookie that says so from now on. */
export interface Session {
  readonly ok: boolean;
  readonly status: number;
  readonly name?: string;
  readonly cookie?: string;
}

const ownTypes = { 'Content-Type': 'application/json', Accept: 'application/json' };

/** Loads a login page and posts what it would post. */
export async function openSession(
  client: VictimClient,
  { page, api, body }: { readonly page: string; readonly api: string; readonly body: object },
): Promise<Session> {
  await client.send('GET', page, { Accept: 'text/html' });
  const { status, headers, answer } = await postJson(client, api, body);
  const cookie = headers['set-cookie']?.map((line) => line.split(';', 1)[0]).join('; ');
  return {
    ok: status === 200,
    status,
    ...(typeof answer['name'] === 'string' ? { name: answer['name'] } : {}),
    ...(cookie === undefined ? {} : { cookie }),
  };
}

/** The answer's body is an empty object where it is not JSON. */
export async function postJson(client: VictimClient, path: string, body: object, cookie?: string) {
  const headers = { ...ownTypes, ...(cookie === undefined ? {} : { Cookie: cookie }) };
  const response = await client.send('POST', path, headers, JSON.stringify(body));
  return { status: response.status, headers: response.headers, answer: objectIn(response.bytes.toString()) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
