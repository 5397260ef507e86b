import type { ApiError } from '#contract';
import type { Response } from 'express';

/** Answers a call with the API's one form of error. */
export function refuse(
  response: Response,
  status: number,
  code: string,
  message: string,
  hint: string,
): void {
  const body: ApiError = { error: { code, message, hint } };
  response.status(status).json(body);
}
