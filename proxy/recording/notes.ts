const mostNotes = 100;

/** What could not be shown, and why: a sentence each, those that repeat counted. */
export class Notes {
  readonly #counts = new Map<string, number>();
  readonly #sentences: string[] = [];
  #left = 0;

  say(sentence: string): void {
    if (this.#sentences.length < mostNotes) this.#sentences.push(sentence);
    else this.#left += 1;
  }

  /** Counts a packet that was passed over; `why` completes “were passed over: …”. */
  passOver(why: string): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + 1);
  }

  /** How many packets were passed over, whatever the reason. */
  get passedOver(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  list(): readonly string[] {
    const counted = [...this.#counts].map(([why, count]) =>
      count === 1 ? `1 packet was passed over: ${why}.` : `${count} packets were passed over: ${why}.`,
    );
    const left = this.#left === 0 ? [] : [`${this.#left} more notes were left out.`];
    return [...this.#sentences, ...counted, ...left];
  }
}
