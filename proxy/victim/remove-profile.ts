import { rmSync } from 'node:fs';

// A twentieth of a second apart.
const MOST_TRIES = 15;

/**
 * Removes the profile of a browser that has ended, though a helper process of it may still write there. Synchronous, for the
 * end of the process. Begins anew each time: what `rmSync` repeats is to remove the folder, not what came into it meanwhile.
 */
export function removeProfile(profile: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      rmSync(profile, { recursive: true, force: true, maxRetries: 1, retryDelay: 50 });
      return;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
    }
  }
}
