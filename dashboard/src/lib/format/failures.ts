import type { CaptureView } from '#folds/view.ts';

/**
 * The failed handshakes that a lane speaks of, oldest first: those with the site that is shown, and those of which it
 * was not told whom they were with, which say so.
 */
export function failuresOf({
  site,
  handshakeFailures,
}: Pick<CaptureView, 'site' | 'handshakeFailures'>): readonly string[] {
  return handshakeFailures
    .filter((failure) => failure.site === undefined || site === undefined || failure.site === site)
    .map((failure) => {
      const said = `${failure.code}: ${failure.message}`;
      if (failure.site === undefined) return `${said} (it was not told on which connection)`;
      return site === undefined ? `${said} (at ${failure.site})` : said;
    });
}
