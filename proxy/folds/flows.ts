import type { WireConnection } from './wire-connection.ts';
import type { WireMessage } from './wire-message.ts';

/** One request and its response. */
export interface Flow {
  readonly request: WireMessage;
  readonly response?: WireMessage;
  /** Nanoseconds from the first byte of the request to the first of its response. */
  readonly between?: number;
}

/** The flows of an HTTP connection, in the order of the requests; informational responses are passed over. */
export function flowsOf(connection: WireConnection): readonly Flow[] {
  const responses = new Map<unknown, WireMessage>();
  for (const tracked of connection.messages) {
    const { answers, http } = tracked.message;
    if (answers && (http?.status ?? 0) >= 200) responses.set(answers, tracked);
  }
  return connection.messages
    .filter(({ message }) => message.kind === 'request')
    .map((request) => {
      const response = responses.get(request.message);
      return response
        ? { request, response, between: response.message.time - request.message.time }
        : { request };
    });
}

/** The flow that this request began. */
export function flowOf(request: WireMessage): Flow {
  return flowsOf(request.connection).find((flow) => flow.request === request) ?? { request };
}
