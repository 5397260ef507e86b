/** The name of the login session's cookie over HTTP. */
const NAME = 'sid';

/** The field line of a request or an answer in clear that carries the session's cookie; the first one there is. */
export function cookieLine(head: Buffer): string | undefined {
  const line = new RegExp(`^(?:set-)?cookie:(?:[^\\r\\n]*[;\\s])?${NAME}=[^;\\s][^\\r\\n]*`, 'im');
  return line.exec(head.toString('latin1'))?.[0];
}

/** The cookie in such a line, as a client shows it. */
export function cookieIn(line: string): string | undefined {
  return new RegExp(`[:;\\s](${NAME}=[^;\\s]+)`, 'i').exec(line)?.[1];
}

/** The line without the values of its cookies, which open the door as long as the session lasts. */
export function withoutValues(line: string): string {
  // What follows the cookie in an answer are its attributes, which are the point.
  return /^cookie:/i.test(line) ? line.replaceAll(/=[^;]*/g, '=…') : line.replace(/=[^;]*/, '=…');
}
