import type { AttackEvent } from '#contract';

/** One line for Wireshark's comments: what the stranger did. Where it changed bytes, the packets have those it read. */
export function attackComment(event: AttackEvent): string {
  const { type, attack } = event;
  if (type === 'attack-armed') return `The stranger has armed the attack "${attack}"`;
  if (type === 'attack-disarmed') return `The stranger has disarmed the attack "${attack}"`;
  const { connection, direction, offset, before, after } = event;
  const where = connection === undefined ? '' : ` on connection ${connection}`;
  const done = `The stranger has acted${where}, attack "${attack}"`;
  if (before === undefined || offset === undefined || direction === undefined) return done;
  const stretch = `bytes ${offset} to ${offset + before.length}, ${direction}`;
  const length = after?.length ?? 0;
  // The resolver's true answer crosses as well, only later.
  if (attack === 'forge-name') return `${done}: ${stretch}, came after ${length} forged bytes`;
  return `${done}: ${stretch}, went on as ${length} other bytes`;
}
