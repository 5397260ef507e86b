import { visibleText } from './code-point.ts';
import { echoIn, isLabQuotation } from './lab-lines.ts';
import type { Known } from './marks.ts';
import { chatMask, conceal, halfMask } from './mask.ts';
import { isPersonasSecret } from './personas.ts';
import { secretsInQuery } from './secret-texts.ts';

/** What decides how a text is shown. */
export type ShownBy = Pick<Known, 'hiddenTexts' | 'persona' | 'revealed'>;

const CHAT_TITLE = /\bText “(.*)”/s;

/**
 * A text from the wire as it may stand on the page: nothing in it hides or moves, and until it is revealed, what a
 * person typed is half-masked: by its value where an end told it, by its name in a query, and in a chat by being one.
 */
export function shownText(text: string, by: ShownBy): string {
  if (by.revealed) return visibleText(text);
  return visibleText(chatConcealed(queryConcealed(conceal(text, by.hiddenTexts), by)));
}

function queryConcealed(text: string, by: ShownBy): string {
  if (!text.includes('=')) return text;
  let shown = '';
  let at = 0;
  for (const { start, end, value } of secretsInQuery(text)) {
    const raw = text.slice(start, end);
    shown += text.slice(at, start) + (isPersonasSecret(value, by.persona) ? raw : halfMask(raw));
    at = end;
  }
  return shown + text.slice(at);
}

/** In the title of a WebSocket frame, which quotes it. */
function chatConcealed(text: string): string {
  if (!text.includes('Text “')) return text;
  return text.replace(CHAT_TITLE, (whole, said: string) => {
    if (isLabQuotation(said)) return whole;
    const { start, end } = echoIn(said) ?? { start: 0, end: said.length };
    return `Text “${said.slice(0, start)}${chatMask(said.slice(start, end))}${said.slice(end)}”`;
  });
}
