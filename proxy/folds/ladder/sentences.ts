import texts from './en/ladder.json' with { type: 'json' };
import type { Actor } from './step.ts';

const TEXTS: ReadonlyMap<string, string> = new Map(Object.entries(texts));

/** How an actor is called in the middle of a sentence. */
export const ACTORS: Readonly<Record<Actor, string>> = {
  victim: 'the victim',
  stranger: 'the stranger',
  site: 'the site',
  resolver: 'the resolver',
  program: 'another program',
};

/** Whom a text is about. */
export interface SentenceParts {
  readonly client: Actor;
  readonly server: Actor;
  /** Who sends what the text explains. */
  readonly sender: Actor;
  readonly site: string;
  readonly detail: string | undefined;
}

/**
 * The text on a topic, as a sentence; a topic without a text is a mistake that a test finds. Where the stranger is an
 * end itself, what it could learn from outside is not the point: some topics have a text of their own for that.
 */
export function sentenceOn(topic: string, { client, server, sender, site, detail }: SentenceParts): string {
  const isOwn = client === 'stranger' || server === 'stranger';
  const text = (isOwn ? TEXTS.get(`${topic}-own`) : undefined) ?? TEXTS.get(topic) ?? '';
  const parts: Readonly<Record<string, string>> = {
    client: ACTORS[client],
    server: ACTORS[server],
    sender: ACTORS[sender],
    site,
    detail: detail ?? 'no reason given',
  };
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const word = parts[name.toLowerCase()] ?? whole;
    return name === name.toLowerCase() ? word : capitalised(word);
  });
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
