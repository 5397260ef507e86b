/** The parts of HAR 1.2 that are written here (http://www.softwareishard.com/blog/har-12-spec/). */

export interface HarNamed {
  readonly name: string;
  readonly value: string;
}

export interface HarCookie extends HarNamed {
  readonly path?: string;
  readonly domain?: string;
  /** ISO 8601. */
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
}

interface HarMessage {
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarNamed[];
  /** Bytes of the head, the empty line included; -1 when it did not come. */
  readonly headersSize: number;
  /** Bytes of the body as it travelled, codings and chunk sizes included; -1 when it did not come. */
  readonly bodySize: number;
}

export interface HarPostData {
  readonly mimeType: string;
  readonly params: readonly HarNamed[];
  readonly text: string;
  readonly comment?: string;
}

export interface HarRequest extends HarMessage {
  readonly method: string;
  readonly url: string;
  readonly queryString: readonly HarNamed[];
  readonly postData?: HarPostData;
}

export interface HarContent {
  /** Bytes once transfer and content coding are undone. */
  readonly size: number;
  readonly compression?: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: 'base64';
  readonly comment?: string;
}

export interface HarResponse extends HarMessage {
  /** 0 when there was no response. */
  readonly status: number;
  readonly statusText: string;
  readonly content: HarContent;
  readonly redirectURL: string;
}

/** Milliseconds; -1 for what a capture does not tell. */
export interface HarTimings {
  readonly blocked: -1;
  readonly dns: -1;
  readonly connect: -1;
  readonly ssl: -1;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

export interface HarEntry {
  readonly startedDateTime: string;
  /** Milliseconds: the sum of the timings that are known. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: Readonly<Record<string, never>>;
  readonly timings: HarTimings;
  readonly connection: string;
  readonly comment?: string;
}

/** What stands around the entries. */
export interface HarFrame {
  readonly version: '1.2';
  readonly creator: { readonly name: string; readonly version: string };
  readonly pages: readonly [];
  readonly comment: string;
}

/** A HAR file in pieces, one an entry, so that no more than one of them is held as text. */
export function* harPieces(frame: HarFrame, entries: Iterable<HarEntry>): Generator<string> {
  const around = JSON.stringify({ log: { ...frame, entries: [] } });
  const end = ']}}';
  yield around.slice(0, -end.length);
  let separator = '\n';
  for (const entry of entries) {
    yield `${separator}${JSON.stringify(entry)}`;
    separator = ',\n';
  }
  yield `${end}\n`;
}
