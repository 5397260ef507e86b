import type { LentRecord } from '#folds/lent-record.ts';
import type { LensName } from '../../state/lens.svelte.ts';
import { count, counted } from '../quantity.ts';

type Lender = Exclude<LensName, 'stranger'>;

/** What the switch calls whose eyes one looks with. */
export const LENSES: Readonly<Record<LensName, string>> = {
  stranger: 'Stranger',
  victim: 'Browser',
  site: 'Site',
};

export const LENS_TITLES: Readonly<Record<LensName, string>> = {
  stranger: 'What crossed the Wi-Fi, with no key',
  victim: 'Lend the keys that the victim’s browser told',
  site: 'Lend the keys that the site told',
};

const LENT: Readonly<Record<Lender, string>> = {
  victim: 'The browser has lent its keys.',
  site: 'The site has lent its keys.',
};

const TOLD_NONE: Readonly<Record<Lender, string>> = {
  victim: 'The browser has told no keys here, so nothing opens.',
  site: 'The site has told no keys here, so nothing opens.',
};

const WHY: Readonly<Record<Extract<LentRecord, { state: 'sealed' }>['why'], string>> = {
  'no-hello': 'a hello is missing before it',
  'no-key': 'no key of this connection',
  'no-secret': 'a line of the key log is missing',
  'not-supported': 'this suite is not undone here',
  'not-verified': 'the tag does not verify',
  'missing-records': 'records before it are missing',
  incomplete: 'it did not arrive whole',
};

/** The first sentence while keys are lent; which end told them is in it. */
export function lentSentence(lens: Lender, told: Readonly<Record<Lender, number>> | undefined): string {
  return told?.[lens] === 0 ? TOLD_NONE[lens] : LENT[lens];
}

/** What came of it, in numbers. */
export function openedSentence(progress: { readonly opened: number; readonly sealed: number }): string {
  const { opened, sealed } = progress;
  const open = `${counted(opened, 'record')} opened on this page, every tag verified`;
  return sealed === 0 ? open : `${open}; ${count(sealed)} ${sealed === 1 ? 'stays' : 'stay'} sealed`;
}

/** Why a record stays sealed, in a few words. */
export function whySealed(lent: Extract<LentRecord, { state: 'sealed' }>): string {
  return `stays sealed: ${WHY[lent.why]}`;
}
