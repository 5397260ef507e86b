import type { ErrorRequestHandler, RequestHandler, Response } from 'express';

/** Answers with the site's one form of error. */
export function refuse(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ ok: false, error: { code, message } });
}

export const notFound: RequestHandler = (_request, response) => {
  refuse(response, 404, 'not-found', 'There is nothing at this address.');
};

// Express passes on what its own parts throw, with a fitting status; anything else is our mistake.
// Neither is printed: it may quote what the client sent.
export const answerError: ErrorRequestHandler = (error: { status?: unknown }, request, response, next) => {
  if (response.headersSent) {
    request.socket.destroy();
    next();
    return;
  }
  const status =
    typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : 500;
  const [code, message] = KNOWN.get(status) ?? (status === 500 ? OURS : THEIRS);
  refuse(response, status, code, message);
};

const OURS = ['internal-error', 'Something went wrong on our side.'] as const;
const THEIRS = ['bad-request', 'This request cannot be understood.'] as const;
const KNOWN = new Map<number, readonly [code: string, message: string]>([
  [413, ['body-too-large', 'This request is larger than 16 kB.']],
  [415, ['unsupported-media-type', 'Send plain, uncompressed JSON in UTF-8.']],
]);
