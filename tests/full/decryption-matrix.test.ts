import { combinationsOf, SUITES } from '../support/combinations.ts';
import { expectAgreement } from '../support/decryption-agreement.ts';

expectAgreement(combinationsOf(SUITES));
