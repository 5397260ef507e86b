import { randomBytes } from 'node:crypto';
import type { Response } from 'express';

/**
 * Sends a page whose inline style and script are allowed by a nonce of this response alone. `formAction` is the one
 * origin that its forms may lead to; none unless told.
 */
export function sendPage(
  response: Response,
  page: (nonce: string) => string,
  { formAction = "'none'" }: { readonly formAction?: string } = {},
): void {
  const nonce = randomBytes(16).toString('base64');
  response.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      `style-src 'nonce-${nonce}'`,
      `script-src 'nonce-${nonce}'`,
      'img-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      // The script sends the form. Without it nothing should, least of all as a GET with the password in the address.
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
    ].join('; '),
  );
  response.type('html').send(page(nonce));
}
