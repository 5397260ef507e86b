/** An error as the victim tells it: Node's code, and OpenSSL's own words without their place in its source. */
export function inWords(error: NodeJS.ErrnoException & { readonly reason?: string }): {
  code: string;
  message: string;
} {
  const { code = 'unknown', reason, message } = error;
  return { code, message: code.startsWith('ERR_SSL_') ? (reason ?? message) : message };
}
