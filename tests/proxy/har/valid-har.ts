import * as v from 'valibot';

/** HAR 1.2 as its specification has it: what is required, and of which kind; unknown members must begin with `_`. */
const count = v.pipe(v.number(), v.integer(), v.minValue(-1));
const milliseconds = v.pipe(v.number(), v.minValue(0));
const unknownOr = v.pipe(v.number(), v.minValue(-1));
const text = v.string();
const comment = { comment: v.exactOptional(text) };
const dateTime = v.pipe(text, v.isoTimestamp());

const pair = v.strictObject({ name: text, value: text, ...comment });
const cookie = v.strictObject({
  ...pair.entries,
  path: v.exactOptional(text),
  domain: v.exactOptional(text),
  expires: v.exactOptional(dateTime),
  httpOnly: v.exactOptional(v.boolean()),
  secure: v.exactOptional(v.boolean()),
});
const message = {
  httpVersion: text,
  cookies: v.array(cookie),
  headers: v.array(pair),
  headersSize: count,
  bodySize: count,
  ...comment,
};
const postData = v.strictObject({ mimeType: text, params: v.array(pair), text, ...comment });
const request = v.strictObject({
  ...message,
  method: text,
  url: v.pipe(text, v.url()),
  queryString: v.array(pair),
  postData: v.exactOptional(postData),
});
const content = v.strictObject({
  size: count,
  compression: v.exactOptional(v.pipe(v.number(), v.integer())),
  mimeType: text,
  text: v.exactOptional(text),
  encoding: v.exactOptional(v.literal('base64')),
  ...comment,
});
const response = v.strictObject({
  ...message,
  status: v.pipe(v.number(), v.integer()),
  statusText: text,
  content,
  redirectURL: text,
});
const timings = v.strictObject({
  blocked: unknownOr,
  dns: unknownOr,
  connect: unknownOr,
  ssl: unknownOr,
  send: milliseconds,
  wait: milliseconds,
  receive: milliseconds,
  ...comment,
});
const entry = v.strictObject({
  startedDateTime: dateTime,
  time: milliseconds,
  request,
  response,
  cache: v.strictObject({}),
  timings,
  serverIPAddress: v.exactOptional(text),
  connection: v.exactOptional(text),
  ...comment,
});
const har = v.strictObject({
  log: v.strictObject({
    version: v.literal('1.2'),
    creator: v.strictObject({ name: text, version: text, ...comment }),
    pages: v.array(v.never()),
    entries: v.array(entry),
    ...comment,
  }),
});

export type ValidHar = v.InferOutput<typeof har>;

/** Reads a HAR file; throws what is wrong with it. */
export function validHar(file: string): ValidHar {
  return v.parse(har, JSON.parse(file));
}
