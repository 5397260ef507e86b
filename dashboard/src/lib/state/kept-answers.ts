import { EXPECTATIONS, type AttackPredictions, type Guesses } from '../format/attacks/words.ts';

/** What somebody at this page has said of the attacks of one capture. */
export interface Answers {
  readonly predictions: AttackPredictions;
  readonly guesses: Guesses;
}

const STORED_AS = 'plainsight-answers';
/** A riddle is its own key, and each round poses another one. */
const MOST_GUESSES = 16;

/** What was said of this capture before the page was loaded again; nothing where this browser keeps nothing. */
export function keptAnswers(capture: string): Answers {
  const nothing = { predictions: {}, guesses: {} };
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORED_AS) ?? '{}') as Partial<Answers> & {
      capture?: string;
    };
    if (kept.capture !== capture) return nothing;
    const said = Object.entries(kept.predictions ?? {});
    return {
      predictions: Object.fromEntries(said.filter(([, expected]) => EXPECTATIONS.includes(expected))),
      guesses: kept.guesses ?? {},
    };
  } catch {
    return nothing;
  }
}

/** Takes the place of what was kept of any capture; not where this browser keeps nothing. */
export function keepAnswers(capture: string, { predictions, guesses }: Answers): void {
  const newest = Object.fromEntries(Object.entries(guesses).slice(-MOST_GUESSES));
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify({ capture, predictions, guesses: newest }));
  } catch {
    // Then a reload forgets, and nothing else.
  }
}
