import type { Field } from '#dissectors/field.ts';
import type { Dissected } from './dissected.ts';
import { printable } from './printable.ts';

/** How parts of the tree are set apart; the empty one leaves them as they are. */
export interface Colours {
  readonly message: (text: string) => string;
  readonly name: (text: string) => string;
  readonly meaning: (text: string) => string;
  readonly fault: (text: string) => string;
}

export const plain: Colours = { message: same, name: same, meaning: same, fault: same };

export const coloured: Colours = {
  message: (text) => `\x1b[1m${text}\x1b[22m`,
  name: (text) => `\x1b[2m${text}\x1b[22m`,
  meaning: (text) => `\x1b[36m${text}\x1b[39m`,
  fault: (text) => `\x1b[31m${text}\x1b[39m`,
};

const NANOSECONDS = 1e9;

/** Prints one dissection after the other; why records stay sealed is said once for each connection. */
export function treePrinter(colours: Colours): (dissected: Dissected) => string {
  const said = new Set<string>();
  return (dissected) => {
    const { sealed, ...rest } = dissected;
    if (sealed === undefined) return treeText(dissected, colours);
    const about = `${dissected.opened.connection} ${sealed}`;
    if (said.has(about)) return treeText(rest, colours);
    said.add(about);
    return treeText(dissected, colours);
  };
}

/** One dissection of a message as lines of text: who to whom and what, then its fields, indented by depth. */
export function treeText(dissected: Dissected, colours: Colours): string {
  const { opened, message, name, dissection, length, sealed } = dissected;
  const client = `${opened.client.address}:${opened.client.port}`;
  const server = `${opened.server.name}:${opened.server.port}`;
  const way = message.direction === 'client-to-server' ? `${client} → ${server}` : `${server} → ${client}`;
  const time = (message.time / NANOSECONDS).toFixed(6);
  const size = length === 1 ? '1 byte' : `${length} bytes`;
  const head = `${time}  #${opened.connection}  ${way}  ${name}  (${size}, ${dissection.source})`;
  const lines = [colours.message(printable(head, 400))];
  if (sealed !== undefined) lines.push(colours.fault(`  ${printable(sealed, 400)}`));
  addField(lines, dissection.field, 1, colours);
  return `${lines.join('\n')}\n\n`;
}

function addField(lines: string[], field: Field, depth: number, colours: Colours): void {
  const { label, name, range, value, meaning, malformed, children } = field;
  const shown = value === undefined ? '' : `: ${printable(String(value))}`;
  const parts = [`${printable(label)}${shown}`];
  if (meaning !== undefined) parts.push(colours.meaning(`(${printable(meaning)})`));
  parts.push(colours.name(`${printable(name)} ${range.start}–${range.end}`));
  if (malformed !== undefined) parts.push(colours.fault(`! ${printable(malformed)}`));
  lines.push(`${'  '.repeat(depth)}${parts.join('  ')}`);
  for (const child of children ?? []) addField(lines, child, depth + 1, colours);
}

function same(text: string): string {
  return text;
}
