import type { Presence, Way } from './trials.ts';

interface Column {
  readonly way: Way;
  readonly heading: string;
  /** Whose word it is. */
  readonly told: string;
}

/** What can be tried, in the order of the table. */
export const COLUMNS: readonly Column[] = [
  { way: 'from-https', heading: 'This page asks, over HTTPS', told: 'seen by the site' },
  {
    way: 'from-http',
    heading: 'This page asks, over HTTP',
    told: 'seen by the site, and in clear on the wire',
  },
  { way: 'script', heading: 'A script reads document.cookie', told: 'told by the script' },
  { way: 'link', heading: 'A link on another site', told: 'seen by the site' },
  { way: 'form', heading: 'A form on another site', told: 'seen by the site' },
  { way: 'other-scheme', heading: 'A link from http:// to https://', told: 'seen by the site' },
];

/** What stands in a cell: whether the cookie came along, or was read. */
export function presenceInWords(way: Way, presence: Presence | undefined): string {
  const verb = way === 'script' ? 'read' : 'came';
  if (presence === undefined) return 'not tried';
  if (presence === 'present') return verb;
  if (presence === 'older') return `${verb}, an older one`;
  return way === 'script' ? 'not read' : 'did not come';
}
