import { combinationsOf, SUITES } from '../support/combinations.ts';
import { expectAgreement } from '../support/decryption-agreement.ts';

// One suite of each kind in every way it can be had; the others are in the full matrix, with these.
const KINDS = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-CCM8',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
  'AES128-GCM-SHA256',
  'AES256-SHA',
]);

expectAgreement(combinationsOf(SUITES.filter(({ suite }) => KINDS.has(suite))));
