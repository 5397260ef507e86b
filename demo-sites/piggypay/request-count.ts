import type { RequestHandler } from 'express';
import { type PortPair, portsOf } from '../ports.ts';
import type { Report } from '../told.ts';

/** Counts the requests whose answers were sent, and reports each. What the verdicts on attacks rest on. */
export class RequestCount {
  readonly middleware: RequestHandler;
  readonly #report: Report;
  #handled = 0;
  #period = 0;

  constructor(report: Report) {
    this.#report = report;
    this.middleware = (request, response, next) => {
      const period = this.#period;
      const ports = portsOf(request.socket);
      const { method, path } = request;
      response.once('finish', () => {
        // Begun before a reset: it belongs to a count that is gone.
        if (period !== this.#period) return;
        this.add({ ports, method, path, status: response.statusCode });
      });
      next();
    };
  }

  /** Counts an answer that was sent past the middleware. */
  add(answered: { ports: PortPair | undefined; method: string; path: string; status: number }): void {
    this.#handled += 1;
    this.#report({ type: 'request-handled', ...answered, count: this.#handled });
  }

  get handled(): number {
    return this.#handled;
  }

  reset(): void {
    this.#handled = 0;
    this.#period += 1;
  }
}
