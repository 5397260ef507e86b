import { iconAddress } from './piggy.ts';
import { sharedStyle } from './style.ts';

export interface PageParts {
  /** Allows this response's own style and script, and no others. */
  readonly nonce: string;
  readonly title: string;
  readonly style: string;
  /** HTML; whatever is not written in the source must have gone through `escapeHtml`. */
  readonly body: string;
  readonly script: string;
}

/** One whole page: style, script and icon are within, so that a page is one request on the wire. */
export function page({ nonce, title, style, body, script }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${iconAddress}">
<style nonce="${nonce}">${compact(sharedStyle + style)}</style>
</head>
<body>
${body.trim()}
<script nonce="${nonce}">${compact(script)}</script>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Without the indentation of the source: everybody sees these bytes on the wire, and their number. */
function compact(source: string): string {
  return source.trim().replace(/\n\s*/g, '\n');
}
