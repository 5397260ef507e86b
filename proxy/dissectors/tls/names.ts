import { hexNumber } from '../text.ts';
import { CIPHER_SUITES } from './cipher-suites.ts';
import { EXTENSION_TYPES } from './extension-types.ts';
import { HANDSHAKE_TYPES } from './handshake-types.ts';
import { NAMED_GROUPS } from './named-groups.ts';
import { SIGNATURE_SCHEMES } from './signature-schemes.ts';

/** RFC 8446, 5.1. */
export const CONTENT_TYPES: Readonly<Record<number, string>> = {
  20: 'Change Cipher Spec',
  21: 'Alert',
  22: 'Handshake',
  23: 'Application Data',
};

const VERSIONS: Readonly<Record<number, string>> = {
  0x0002: 'SSL 2.0',
  0x0300: 'SSL 3.0',
  0x0301: 'TLS 1.0',
  0x0302: 'TLS 1.1',
  0x0303: 'TLS 1.2',
  0x0304: 'TLS 1.3',
};

/**
 * Values that mean nothing on purpose: clients mix them in so that servers stay tolerant of what they do not
 * know (RFC 8701, 2).
 */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

export function versionName(value: number): string {
  const draft = value >> 8 === 0x7f ? `TLS 1.3, draft ${value & 0xff}` : undefined;
  return VERSIONS[value] ?? draft ?? unknownName(value);
}

export function cipherSuiteName(value: number): string {
  return CIPHER_SUITES[value] ?? unknownName(value);
}

export function extensionName(type: number): string {
  return EXTENSION_TYPES[type] ?? (isGrease(type) ? 'GREASE' : `unknown extension ${type}`);
}

export function groupName(value: number): string {
  return NAMED_GROUPS[value] ?? unknownName(value);
}

export function signatureSchemeName(value: number): string {
  return SIGNATURE_SCHEMES[value] ?? unknownName(value);
}

export function handshakeName(type: number): string {
  return HANDSHAKE_TYPES[type] ?? `handshake message ${type}`;
}

function unknownName(value: number): string {
  return isGrease(value) ? 'GREASE' : `unknown ${hexNumber(value)}`;
}
