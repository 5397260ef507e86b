import type { Message } from '#dissectors/message.ts';

/** What one *Next* lets through of a direction. */
export interface Unit {
  /** Position of its first held byte. */
  readonly start: number;
  /** End of what is held of it. */
  readonly end: number;
  /** When its first byte came, compared with those of other directions. */
  readonly order: number;
  /** With it goes the last word of its sender, behind which nothing comes. */
  readonly lastWord?: 'end' | 'reset';
  /** Its end was seen. */
  readonly complete: boolean;
  /** The message it is; absent for a chunk of no known protocol. */
  readonly message?: Message;
}

/** A unit in a line: what it is, how large, which way it goes, and what goes with it. */
export function unitText(unit: Unit, direction: Message['direction']): string {
  const { message, start, end, complete, lastWord } = unit;
  const way = direction === 'client-to-server' ? 'victim → site' : 'site → victim';
  const size = `${(end - start).toLocaleString('en')} B`;
  const parts = [message === undefined ? 'Chunk of no known protocol' : message.title, size, way];
  if (!complete) parts.push('still arriving, and the rest goes with it');
  const together = message === undefined ? undefined : goesTogether(message);
  const sender = direction === 'client-to-server' ? 'victim' : 'site';
  return [
    parts.join(', '),
    ...(together === undefined ? [] : [together]),
    ...(lastWord === undefined
      ? []
      : [`then the ${sender} ${lastWord === 'end' ? 'ends' : 'resets'} the connection`]),
  ].join('; ');
}

/** Why a record may be more than one thing to those who can read it. */
function goesTogether({ sealed, tls, direction, title }: Message): string | undefined {
  if (!sealed || tls === undefined) return undefined;
  if (tls.guess === 'handshake' && direction === 'server-to-client')
    return 'sealed: handshake messages that share this record go together';
  return title.startsWith('Application Data') || tls.guess !== undefined ? 'sealed' : undefined;
}
