import type { Opener } from '#contract';
import type { Target } from './loopback.ts';

/** Whose new connections, and to which site, are led somewhere else. */
export interface Detour {
  readonly name: string;
  readonly port: number;
  readonly openers: readonly Opener[];
  /** Asked for each connection. */
  readonly target: () => Target;
}

/** Where the stranger leads connections that were meant for a site; nowhere but to the site as long as there is none. */
export class Detours {
  readonly #detours = new Set<Detour>();

  /** Counts for new connections until the function it returns is called. */
  open(detour: Detour): () => void {
    this.#detours.add(detour);
    return () => void this.#detours.delete(detour);
  }

  find(site: { readonly name: string; readonly port: number }, opener: Opener): Target | undefined {
    for (const { name, port, openers, target } of this.#detours)
      if (name === site.name && port === site.port && openers.includes(opener)) return target();
    return undefined;
  }
}
