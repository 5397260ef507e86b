import type { FromWorker } from '../../worker/messages.ts';
import { startInspectorWorker, type InspectorWorker } from './inspector-worker.ts';

/** One thread for all who ask it something: started by the first of them, and told to each what it says. */
export class OneWorker {
  readonly #start: typeof startInspectorWorker;
  readonly #listeners = new Set<(message: FromWorker) => void>();
  #worker: InspectorWorker | undefined;

  constructor(start = startInspectorWorker) {
    this.#start = start;
  }

  /** Has it ready before anybody asks: loading it takes longer than the first answer. */
  readonly warm = (): void => {
    this.#running();
  };

  readonly join = (listen: (message: FromWorker) => void): InspectorWorker => {
    this.#listeners.add(listen);
    const worker = this.#running();
    return {
      post: worker.post,
      stop: () => {
        this.#listeners.delete(listen);
        if (this.#listeners.size > 0) return;
        worker.stop();
        this.#worker = undefined;
      },
    };
  };

  #running(): InspectorWorker {
    return (this.#worker ??= this.#start((message) => {
      for (const listener of this.#listeners) listener(message);
    }));
  }
}
