import type { ConnectionId, Opener } from '#contract';
import type { Lender } from '../lent-told.ts';
import type { StreamRange } from '../view.ts';

/** Who can know a value: an end of the connection, or whoever sees what passes between them. */
export type Knower = 'victim' | 'site' | 'stranger';

/** The parts that the way from hellos to traffic keys is told in. */
export type OriginStage = 'hellos' | 'exchange' | 'schedule' | 'traffic' | 'signature';

/** How a value came here. */
export type OriginSource =
  | 'captured'
  | 'decrypted with a lent key'
  | 'told by the victim'
  | 'told by the site'
  | 'computed'
  | 'public constant';

/** One value on the way from the hellos to the traffic keys: what it is, what it is made from, and who can make it. */
export interface OriginStep {
  /** `client-key-share`, `shared-secret`, `server-handshake-key`; the same in every connection. */
  readonly id: string;
  readonly stage: OriginStage;
  /** As the RFC calls it: `client_handshake_traffic_secret`, `pre_master_secret`. */
  readonly name: string;
  /** How it is computed, as the RFC writes it; absent of what is read or drawn at random. */
  readonly formula?: string;
  /** The steps that the formula takes, by id. */
  readonly inputs: readonly string[];
  /** What unseals it, where it crossed sealed: it is read with these, and not made from them. By id. */
  readonly openedWith?: readonly string[];
  /** Absent: not known here. */
  readonly value?: Uint8Array;
  /** One sentence, where there is no value. */
  readonly whyUnknown?: string;
  /** One sentence on what it is, where the name does not say enough. */
  readonly about?: string;
  readonly source?: OriginSource;
  /** Who has it, or can compute it. */
  readonly knownTo: readonly Knower[];
  /** Where it lies on the wire, in bytes of its direction. */
  readonly places?: readonly StreamRange[];
  /** What it was compared with, where an end told it or sent it too. */
  readonly agreesWith?: { readonly what: string; readonly equal: boolean };
  /** `RFC 8446, 7.1` */
  readonly rfc: string;
}

/** A signature over the handshake with the certificate's key: the only thing that this key does under (EC)DHE. */
export interface OriginSignature {
  readonly message: 'CertificateVerify' | 'ServerKeyExchange';
  /** SignatureScheme by its name: `ecdsa_secp256r1_sha256`, `rsa_pss_rsae_sha256`. */
  readonly algorithm: string;
  /** Exactly the bytes that were signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** SubjectPublicKeyInfo of the certificate, DER. */
  readonly publicKey: Uint8Array;
  /** How signature and public key came here: in clear up to TLS 1.2, sealed in 1.3. */
  readonly source: Extract<OriginSource, 'captured' | 'decrypted with a lent key'>;
  /** One sentence: what it covers. */
  readonly about: string;
  /** `RFC 8446, 4.4.3` */
  readonly rfc: string;
}

export type KeyExchange = '(EC)DHE' | 'static RSA' | 'PSK' | 'PSK with (EC)DHE' | 'resumption';

/** Where the keys of one connection come from; values that were never on the wire only while a key is lent. */
export interface KeyOrigin {
  readonly connection: ConnectionId;
  /** `TLS 1.3` */
  readonly version: string;
  readonly suite: string;
  /** NamedGroup of the exchange, where there is one: `x25519`. */
  readonly group?: string;
  readonly host: string;
  readonly opener: Opener;
  readonly exchange: KeyExchange;
  /** Whose keys are lent, and whether that end told any of this connection; absent: nobody's. */
  readonly lent?: { readonly by: Lender; readonly hasTold: boolean };
  /** The victim told the private half of its key share, as no ordinary client does. */
  readonly tellsPrivateHalf: boolean;
  /** In the order in which one follows from the other. */
  readonly steps: readonly OriginStep[];
  /** Absent: there is none, or it is sealed; `whyNoSignature` says. */
  readonly signature?: OriginSignature;
  readonly whyNoSignature?: string;
}

/** A connection whose keys' origin can be told. */
export interface OriginEntry {
  readonly connection: ConnectionId;
  readonly host: string;
  /** `TLS 1.3` */
  readonly version: string;
  readonly opener: Opener;
  /** The victim told the private half of its key share. */
  readonly tellsPrivateHalf: boolean;
}
