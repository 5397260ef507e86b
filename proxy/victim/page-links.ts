/** A link of a page to another of the same site. */
export interface PageLink {
  readonly path: string;
  readonly title: string;
}

/** The links of a page that lead to pages of the same site and say so in plain text, in order, each path once. */
export function linksIn(html: string): readonly PageLink[] {
  const links = new Map<string, PageLink>();
  for (const [, path = '', title = ''] of html.matchAll(
    /<a\s[^>]*?href="(\/[^"/?#][^"?#]*)"[^>]*>([^<]+)<\/a>/g,
  ))
    if (!links.has(path)) links.set(path, { path, title: title.trim() });
  return [...links.values()];
}
