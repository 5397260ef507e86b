/** The handshake messages that change keys, or have a say in what is hashed (RFC 8446, B.3; RFC 5246, A.4). */
export const HELLO_REQUEST = 0;
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const NEW_SESSION_TICKET = 4;
export const END_OF_EARLY_DATA = 5;
export const FINISHED = 20;
export const KEY_UPDATE = 24;
