import { randomInt } from 'node:crypto';
import type { LoginRequest, LoginResult } from '#contract';
import { linksIn } from './page-links.ts';
import { postLogin, requestPage } from './padded-request.ts';
import type { VictimClient } from './request.ts';

/** Whose number, and at which site. The page and the password are the victim's own choice. */
export interface BrowseRequest extends Omit<LoginRequest, 'password'> {
  /** It fills up what it sends to lengths that tell nothing. */
  readonly isPadded: boolean;
}

/** How it went, and what nobody but the victim knows. */
export interface BrowseResult extends LoginResult {
  /** The path of the page that it opened. */
  readonly opened?: string;
  readonly passwordLength?: number;
}

export interface BrowseAnswer {
  readonly http?: BrowseResult;
  readonly https?: BrowseResult;
}

const SHORTEST = 4;
const LONGEST = 24;
// Each is one byte, in JSON too.
const CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';

/** An invented password of 4 to 24 characters: the site lets nobody in with it. */
export function inventPassword(): string {
  const length = randomInt(SHORTEST, LONGEST + 1);
  return Array.from({ length }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}

/** Loads the start page, follows one of its links, drawn at random, and tries to log in; over one connection. */
export async function browse(
  client: VictimClient,
  { mobile, password, isPadded }: LoginRequest & Pick<BrowseRequest, 'isPadded'>,
): Promise<Omit<BrowseResult, 'requests'>> {
  const start = await requestPage(client, '/', { isPadded });
  const links = linksIn(start.bytes.toString());
  const link = links[randomInt(Math.max(1, links.length))];
  if (!link) throw Object.assign(new Error('the start page leads nowhere'), { code: 'no-links' });
  await requestPage(client, link.path, { isPadded });
  const { status } = await postLogin(client, { mobile, password }, { isPadded });
  return { ok: status === 200, status, opened: link.path, passwordLength: password.length };
}
