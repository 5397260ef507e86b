import type { RequestHandled } from '#contract';
import type { Exchange, Seen } from './watched-connection.ts';

/** The login as the site has it, with the password or with its hash. */
export const LOGIN_PATH = '/api/v1/login';
export const HASHED_LOGIN_PATH = '/api/v1/login-hashed';

export const LOGIN_PATHS: readonly string[] = [LOGIN_PATH, HASHED_LOGIN_PATH];

/** Whether it is a POST to this path, and there is all of it. */
export function isPost({ request }: Exchange, path: string): boolean {
  const { http } = request.message;
  return http?.method === 'POST' && http.target?.split('?', 1)[0] === path && request.isWhole;
}

export function statusOf({ response }: Exchange): number {
  return response.message.http?.status ?? 0;
}

export function headOf({ message, bytes }: Seen): Buffer {
  return bytes.subarray(0, message.http?.headLength);
}

export function bodyOf({ message, bytes }: Seen): Buffer {
  return bytes.subarray(message.http?.headLength);
}

/** The members of a JSON body; none where it is no object, or comes encoded. */
export function membersOf(seen: Seen): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bodyOf(seen).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The newest of these requests that was a POST to one of the paths. */
export function postAmong(
  handled: readonly RequestHandled[],
  paths: readonly string[],
): RequestHandled | undefined {
  return handled.findLast(({ method, path }) => method === 'POST' && paths.includes(path));
}

/** What the victim was answered, as it crossed in clear or as the site tells of it. */
export function answeredWith(status: number): string {
  return status < 400 ? `Nothing unusual: the site answered ${status}.` : `The site answered ${status}.`;
}
