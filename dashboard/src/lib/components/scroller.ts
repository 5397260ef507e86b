/** What a windowed list can be asked to do with its scroll position. */
export interface Scroller {
  /** Puts a row near the middle unless it is in view already. */
  reveal(index: number): void;
  toEnd(): void;
  isAtEnd(): boolean;
}
