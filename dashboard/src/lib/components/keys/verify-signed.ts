import type { OriginSignature } from '#folds/key-origin/key-origin.ts';

/** Whether the signature is of these bytes with this key; undefined for a kind that can't be checked here. */
export type VerifySigned = (signature: OriginSignature) => Promise<boolean | undefined>;
