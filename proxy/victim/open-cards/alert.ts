/** The alerts that this client sends, by code (RFC 8446, 6). */
const CODES = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_expired: 45,
  illegal_parameter: 47,
  unknown_ca: 48,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  user_canceled: 90,
  missing_extension: 109,
  unsupported_extension: 110,
} as const;

export type AlertName = keyof typeof CODES;

const WARNING = 1;
const FATAL = 2;

/** Why the client leaves, and the alert with which it says so. `code` is the alert's name unless told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly alert: AlertName;
  readonly code: string;

  constructor(alert: AlertName, message: string, code: string = alert) {
    super(message);
    this.alert = alert;
    this.code = code;
  }
}

/** The other end has left with an alert. */
export class AlertReceived extends Error {
  override readonly name = 'AlertReceived';
  readonly code = 'alert-received';
  /** Of the alert (RFC 8446, 6). */
  readonly description: number;

  constructor(description: number, alert: string) {
    super(`the site left with the alert ${alert}`);
    this.description = description;
  }
}

/** The connection ended where TLS had not: what came may be cut short (RFC 8446, 6.1). */
export class Truncated extends Error {
  override readonly name = 'Truncated';
  readonly code = 'truncated';

  constructor() {
    super('the connection ended without close_notify');
  }
}

/** The two bytes of an alert. */
export function alertBytes(alert: AlertName): Uint8Array {
  const isWarning = alert === 'close_notify' || alert === 'user_canceled';
  return Uint8Array.of(isWarning ? WARNING : FATAL, CODES[alert]);
}

/** The close of a direction, and a remark that means nothing by itself; all others end a connection of TLS 1.3. */
export const CLOSE_NOTIFY = CODES.close_notify;
export const USER_CANCELED = CODES.user_canceled;
