import type { FrameHead } from './frame-head.ts';
import type { FrameFault, FrameKind, FrameSummary } from './frame-message.ts';
import type { WebSocketTerms } from './upgrade.ts';

const KINDS: Readonly<Record<number, FrameKind>> = {
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};
const CONTINUATION = 0;
const CLOSE = 8;

/** Judges the frames of one direction one after another: what each is, and which rule it breaks. */
export class FrameRules {
  readonly #fromClient: boolean;
  readonly #terms: WebSocketTerms;
  /** The message that is spread over frames and not over yet. */
  #open: { readonly kind: FrameKind; readonly compressed: boolean } | undefined;
  #closed = false;

  constructor(fromClient: boolean, terms: WebSocketTerms) {
    this.#fromClient = fromClient;
    this.#terms = terms;
  }

  judge(head: FrameHead): FrameSummary {
    const { opcode, final, masked, headLength, payloadLength } = head;
    const faults = this.#faults(head);
    const isControl = opcode >= 8;
    const continued = opcode === CONTINUATION ? this.#open : undefined;
    const kind = continued?.kind ?? KINDS[opcode] ?? 'reserved';
    // A control frame may stand between the frames of a message and is never compressed (RFC 6455, 5.4; RFC 7692, 6).
    const compressed =
      continued?.compressed ?? (this.#terms.compression && !isControl && (head.reserved & 4) !== 0);
    const part =
      isControl || (final && !continued) ? 'whole' : !continued ? 'first' : final ? 'last' : 'middle';
    // What continues nothing, or is of no known kind, begins nothing either.
    if (!isControl) this.#open = final || kind === 'reserved' ? undefined : { kind, compressed };
    if (opcode === CLOSE) this.#closed = true;
    const fromClient = this.#fromClient;
    return { fromClient, opcode, kind, part, compressed, masked, headLength, payloadLength, faults };
  }

  #faults(head: FrameHead): readonly FrameFault[] {
    const faults: FrameFault[] = [];
    note(faults, 0, this.#closedFault());
    note(faults, 0, this.#reservedFault(head));
    note(faults, 0, this.#orderFault(head));
    note(faults, 1, this.#maskFault(head));
    note(faults, 1, isWasteful(head) ? 'The length is written with more bytes than it needs.' : undefined);
    note(faults, 1, controlLengthFault(head));
    return faults;
  }

  #closedFault(): string | undefined {
    return this.#closed ? 'Comes after this side’s Close frame, behind which nothing may follow.' : undefined;
  }

  #reservedFault({ reserved, opcode }: FrameHead): string | undefined {
    const mayCompress = this.#terms.compression && (opcode === 1 || opcode === 2);
    if ((mayCompress ? reserved & 3 : reserved) === 0) return undefined;
    return reserved === 4 && this.#terms.compression
      ? 'RSV1 may be set in the first frame of a message only.'
      : 'A reserved bit is set that no agreed extension gives a meaning.';
  }

  #orderFault({ opcode, final }: FrameHead): string | undefined {
    if (opcode !== CONTINUATION && KINDS[opcode] === undefined) return `Opcode ${opcode} is reserved.`;
    if (opcode >= 8) return final ? undefined : 'A control frame may not be spread over several.';
    if (opcode === CONTINUATION) return this.#open ? undefined : 'Continues a message that was not begun.';
    return this.#open ? 'Begins a message before the last one has ended.' : undefined;
  }

  #maskFault({ masked }: FrameHead): string | undefined {
    if (masked === this.#fromClient) return undefined;
    return this.#fromClient
      ? 'A client must mask its frames; a server hangs up on this one.'
      : 'A server may not mask its frames; a client hangs up on this one.';
  }
}

function note(faults: FrameFault[], byte: 0 | 1, why: string | undefined): void {
  if (why !== undefined) faults.push({ byte, why });
}

/** RFC 6455, 5.2: the shortest way to write a length is the only one. */
function isWasteful({ shortLength, payloadLength }: FrameHead): boolean {
  return shortLength >= 126 && payloadLength < (shortLength === 127 ? 65_536 : 126);
}

/** RFC 6455, 5.5 and 5.5.1. */
function controlLengthFault({ opcode, payloadLength }: FrameHead): string | undefined {
  if (opcode >= 8 && payloadLength > 125) return 'A control frame carries 125 bytes at most.';
  if (opcode !== CLOSE || payloadLength !== 1) return undefined;
  return 'A Close frame carries nothing, or two bytes of code and a reason.';
}
