import type { ConnectionClosed, HandshakeFailed } from '#contract';
import type { Ladder } from '#folds/ladder/ladder.ts';
import type { LadderStep } from '#folds/ladder/step.ts';
import { readVector } from '../../../vectors/vector.ts';
import { MILLISECOND, Playing } from '../events.ts';

/** The ladder of a connection that is in the capture; throws when it is not. */
export function ladderIn({ fold }: Pick<Playing, 'fold'>, connection: number): Ladder {
  const ladder = fold.ladders.of(connection);
  if (!ladder) throw new Error(`no connection ${connection}`);
  return ladder;
}

export function ladderOfVector(name: string, pieces?: number): Ladder {
  const playing = new Playing();
  const port = name.startsWith('http') ? 80 : 443;
  const connection = playing.vector(readVector(name), { port, ...(pieces === undefined ? {} : { pieces }) });
  return ladderIn(playing, connection);
}

/** `> ClientHello`, `< Finished sealed`: direction, title, and what the stranger can not read. */
export function drawn({ steps, client }: Ladder): readonly string[] {
  return steps.map((step) => {
    const arrow = step.from === step.to ? '!' : step.from === client ? '>' : '<';
    return [
      arrow,
      step.title,
      step.sealed ? 'sealed' : '',
      step.evidence === 'captured' ? '' : `(${step.evidence})`,
    ]
      .filter((part) => part !== '')
      .join(' ');
  });
}

export function stepNamed({ steps }: Ladder, title: string): LadderStep {
  const step = steps.find((candidate) => candidate.title === title);
  if (!step) throw new Error(`no step ${title} in ${steps.map((candidate) => candidate.title).join(', ')}`);
  return step;
}

/** An end's word on a handshake, after all that has been played. */
export function tell(playing: Playing, said: Pick<HandshakeFailed, 'code' | 'connection' | 'vantage'>): void {
  playing.fold.apply({ ...later(playing), type: 'handshake-failed', message: 'no', ...said });
}

/** The end of a connection, after all that has been played. */
export function end(
  playing: Playing,
  connection: number,
  manner: Pick<ConnectionClosed, 'by' | 'how' | 'error'>,
): void {
  const place = { vantage: 'wire', hop: 'cafe', connection } as const;
  playing.fold.apply({ ...later(playing), type: 'connection-closed', ...place, ...manner });
}

function later({ events, seq }: Playing) {
  return { epoch: events[0]?.epoch ?? 0, seq: seq + 1, time: (seq + 0.5) * MILLISECOND };
}
