import { CIPHER_SUITES } from './cipher-suites.ts';

/** How the two sides come to a secret before TLS 1.3, which has cut that out of the cipher suite. */
export type KeyExchange =
  'rsa' | 'dh' | 'dhe' | 'ecdh' | 'ecdhe' | 'psk' | 'dhe-psk' | 'ecdhe-psk' | 'rsa-psk' | 'srp';

export interface KeyExchangeMethod {
  readonly exchange: KeyExchange;
  /** The server signs what it contributes: with the key of its certificate, fresh for this connection. */
  readonly signed: boolean;
}

/** What stands in front of `_WITH_` in a suite's name (RFC 5246, A.5; RFC 8422, 6; RFC 4279; RFC 5489; RFC 5054). */
const METHODS: Readonly<Record<string, KeyExchangeMethod>> = {
  RSA: { exchange: 'rsa', signed: false },
  RSA_EXPORT: { exchange: 'rsa', signed: true },
  RSA_EXPORT1024: { exchange: 'rsa', signed: true },
  DH_DSS: { exchange: 'dh', signed: false },
  DH_RSA: { exchange: 'dh', signed: false },
  DHE_DSS: { exchange: 'dhe', signed: true },
  DHE_RSA: { exchange: 'dhe', signed: true },
  DHE_DSS_EXPORT: { exchange: 'dhe', signed: true },
  DHE_RSA_EXPORT: { exchange: 'dhe', signed: true },
  DHE_DSS_EXPORT1024: { exchange: 'dhe', signed: true },
  DH_DSS_EXPORT: { exchange: 'dh', signed: false },
  DH_RSA_EXPORT: { exchange: 'dh', signed: false },
  DH_anon_EXPORT: { exchange: 'dhe', signed: false },
  DH_anon: { exchange: 'dhe', signed: false },
  ECDH_ECDSA: { exchange: 'ecdh', signed: false },
  ECDH_RSA: { exchange: 'ecdh', signed: false },
  ECDHE_ECDSA: { exchange: 'ecdhe', signed: true },
  ECDHE_RSA: { exchange: 'ecdhe', signed: true },
  ECDH_anon: { exchange: 'ecdhe', signed: false },
  PSK: { exchange: 'psk', signed: false },
  DHE_PSK: { exchange: 'dhe-psk', signed: false },
  PSK_DHE: { exchange: 'dhe-psk', signed: false },
  ECDHE_PSK: { exchange: 'ecdhe-psk', signed: false },
  RSA_PSK: { exchange: 'rsa-psk', signed: false },
  SRP_SHA: { exchange: 'srp', signed: false },
  SRP_SHA_RSA: { exchange: 'srp', signed: true },
  SRP_SHA_DSS: { exchange: 'srp', signed: true },
};

/** Undefined for the suites of TLS 1.3, and where the suite or its method is not known. */
export function keyExchangeOf(cipherSuite: number | undefined): KeyExchangeMethod | undefined {
  const name = cipherSuite === undefined ? undefined : CIPHER_SUITES[cipherSuite];
  const method = name === undefined ? undefined : /^TLS_(.+)_WITH_/.exec(name)?.[1];
  return method === undefined ? undefined : METHODS[method];
}
