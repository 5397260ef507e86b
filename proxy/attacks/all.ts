import type { Attack } from './attack.ts';
import { change } from './change.ts';
import { downgrade } from './downgrade.ts';
import { forgeName } from './forge-name.ts';
import { hashLogin } from './hash-login.ts';
import { impersonate } from './impersonate.ts';
import type { Impostor } from './impostor.ts';
import { listen } from './listen.ts';
import type { NameForger } from './name-forger.ts';
import { read } from './read.ts';
import { replay } from './replay.ts';
import { stealSession } from './steal-session.ts';
import { strip } from './strip.ts';
import type { Stripping } from './stripping.ts';

/** In the order in which they are shown. */
export const ATTACKS: readonly Attack[] = [read, change, replay, stealSession, downgrade, listen, hashLogin];

/** The same with those that need somebody in the site's place, or answers in the resolver's. */
export function allAttacks(impostor: Impostor, forger: NameForger, stripping: Stripping): readonly Attack[] {
  return [
    read,
    change,
    replay,
    stealSession,
    impersonate(impostor),
    strip(stripping),
    forgeName(forger),
    downgrade,
    listen,
    hashLogin,
  ];
}
