import { TRIAL_PATH } from './flags.ts';

/** The site, over HTTPS and over HTTP: the same name, and to the browser two origins. */
export const SECURE_ORIGIN = 'https://piggypay.test';
export const PLAIN_ORIGIN = 'http://piggypay.test';
/** Another site: the same pages under another registrable name. */
export const OTHER_NAME = 'tls12.test';

/** The page of a trial, below one of the origins. */
export function pageOf(origin: string, trial: string): string {
  return `${origin}${TRIAL_PATH}?trial=${trial}`;
}

export function elsewhereOf(trial: string): string {
  return `https://${OTHER_NAME}${TRIAL_PATH}/elsewhere?trial=${trial}`;
}
