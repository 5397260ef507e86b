/**
 * What crosses between the proxy, the dashboard and the scripts of others: every event of the log, every
 * message of the socket, every answer of the HTTP calls. Types only, so that every room can import it.
 */
export * from './contract/log.ts';
export type * from './contract/lab.ts';
export type * from './contract/victim.ts';
export type * from './contract/stepping.ts';
export type * from './contract/experiments.ts';
export type * from './contract/attacks.ts';
export type * from './contract/findings.ts';
export type * from './contract/socket.ts';
