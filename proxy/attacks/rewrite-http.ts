import type { Message } from '#dissectors/message.ts';
import { HttpEdit } from './http-edit.ts';
import type { Edit, Tamperer } from './tampering.ts';

/** What the stranger makes of a transfer; rupees. */
export const STRANGERS_ORDER = { payee: 'The stranger', amount: 900 } as const;
export const TRANSFER_PATH = '/api/v1/transfer';

/** What the page says then. */
export const BANNER = 'The stranger wrote this into the page on its way to you.';
// Attributes instead of styles: the page's own policy allows no styles but its own.
const banner =
  '<table width="100%" cellpadding="12" bgcolor="#b3261e" role="alert"><tr><td align="center">' +
  `<font size="4" color="#ffffff">${BANNER}</font></td></tr></table>`;

/** Writes itself into every transfer that passes over HTTP, and a banner into every page. */
export const rewriteHttp: Tamperer = {
  wants: ({ direction, http }) => {
    if (http === undefined) return false;
    if (direction === 'server-to-client') return http.contentType === 'text/html';
    return http.method === 'GET' || isTransfer(http);
  },
  edit(message, bytes) {
    const edit = new HttpEdit(message, bytes);
    if (message.direction === 'server-to-client') return withBanner(edit);
    // A page that comes compressed would have to be unpacked first: so the stranger says that nobody can read such.
    return isTransfer(message.http) ? withStrangersOrder(edit) : edit.setField('accept-encoding', 'identity');
  },
};

function isTransfer(http: Message['http']): boolean {
  return http?.method === 'POST' && http.target?.split('?', 1)[0] === TRANSFER_PATH;
}

/** What else the order says stays as it is. */
function withStrangersOrder(edit: HttpEdit): readonly Edit[] {
  const body = edit.body();
  const order = body && objectIn(text(body));
  if (!body || !order || !('payee' in order)) return [];
  const bytes = new Uint8Array(Buffer.from(JSON.stringify({ ...order, ...STRANGERS_ORDER })));
  return edit.replace(0, body.length, bytes);
}

function withBanner(edit: HttpEdit): readonly Edit[] {
  const body = edit.body();
  const page = body && text(body);
  const start = page?.search(/<body[\s>]/i) ?? -1;
  const end = (page?.indexOf('>', start) ?? -1) + 1;
  if (page === undefined || start === -1 || end === 0) return [];
  return edit.replace(start, end, new Uint8Array(Buffer.from(page.slice(start, end) + banner, 'latin1')));
}

function objectIn(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(json, 'latin1').toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A character a byte, so that places in it are places in the bytes. */
function text({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
