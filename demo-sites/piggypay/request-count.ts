import type { RequestHandler } from 'express';
import type { Report } from './told.ts';

/** Counts the requests whose answers were sent, and reports each. What the verdicts on attacks rest on. */
export class RequestCount {
  readonly middleware: RequestHandler;
  #handled = 0;
  #period = 0;

  constructor(report: Report) {
    this.middleware = (request, response, next) => {
      const period = this.#period;
      const remotePort = request.socket.remotePort ?? 0;
      const { method, path } = request;
      response.once('finish', () => {
        // Begun before a reset: it belongs to a count that is gone.
        if (period !== this.#period) return;
        this.#handled += 1;
        const { statusCode: status } = response;
        report({ type: 'request-handled', remotePort, method, path, status, count: this.#handled });
      });
      next();
    };
  }

  get handled(): number {
    return this.#handled;
  }

  reset(): void {
    this.#handled = 0;
    this.#period += 1;
  }
}
