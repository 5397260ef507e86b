import type { ApiError } from '#contract';
import type { Notices } from './notices.svelte.ts';

/** One call of the lab's HTTP interface. */
export interface LabCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON; an empty object unless told. */
  readonly body?: object;
  /** What is said to have failed when it fails. */
  readonly failure: string;
  readonly notices: Notices;
  /** Nobody waits for it any more: what goes wrong with it is no news. */
  readonly isStale?: () => boolean;
}

/** The answer, or undefined after a notice that says what failed, why, and what to do. */
export async function askLab<Answer extends object>(call: LabCall): Promise<Answer | undefined> {
  const { method, path, body = {}, failure, notices, isStale = () => false } = call;
  notices.forget(failure);
  try {
    const response = await fetch(path, {
      method,
      ...(method === 'POST' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const answer: unknown = await response.json();
    // The server answers with the types of the contract, which is compiled into both ends.
    if (response.ok && !isApiError(answer)) return answer as Answer;
    const refusal = isApiError(answer)
      ? answer.error
      : { message: `It answered ${String(response.status)}.`, hint: 'Look at the terminal it runs in.' };
    if (!isStale()) notices.add(failure, refusal.message, refusal.hint);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!isStale()) {
      notices.add(failure, `No answer came: ${why}.`, 'Is plainsight still running in its terminal?');
    }
  }
  return undefined;
}

function isApiError(answer: unknown): answer is ApiError {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error && 'hint' in error;
}
