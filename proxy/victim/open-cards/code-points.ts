/** Content types of records (RFC 8446, 5.1). */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;

/** Handshake messages beside those of the keys' room (RFC 8446, 4; RFC 5246, 7.4). */
export const ENCRYPTED_EXTENSIONS = 8;
export const CERTIFICATE = 11;
export const SERVER_KEY_EXCHANGE = 12;
export const CERTIFICATE_REQUEST = 13;
export const SERVER_HELLO_DONE = 14;
export const CERTIFICATE_VERIFY = 15;
export const CLIENT_KEY_EXCHANGE = 16;

/** Extensions (RFC 8446, 4.2). */
export const SERVER_NAME = 0;
export const SUPPORTED_GROUPS = 10;
export const EC_POINT_FORMATS = 11;
export const SIGNATURE_ALGORITHMS = 13;
export const ALPN = 16;
export const EXTENDED_MASTER_SECRET = 23;
export const SUPPORTED_VERSIONS = 43;
export const COOKIE = 44;
export const PSK_KEY_EXCHANGE_MODES = 45;
export const KEY_SHARE = 51;
export const RENEGOTIATION_INFO = 0xff01;

export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;
export type Version = typeof TLS_1_2 | typeof TLS_1_3;
