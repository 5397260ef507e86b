export const SSL_3 = 0x0300;
export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

/** TLS 1.3 or one of its drafts, which were numbered from 0x7f00 on. An unknown version is none of them. */
export function isTls13(version: number | undefined): boolean {
  return version === TLS_1_3 || (version ?? 0) >> 8 === 0x7f;
}
