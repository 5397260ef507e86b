import workerUrl from '../../worker/inspector.worker.ts?worker&url';
import type { FromWorker, ToWorker } from '../../worker/messages.ts';

/** What the page knows of its worker. */
export interface InspectorWorker {
  post: (message: ToWorker) => void;
  stop: () => void;
}

/** The one policy of ours that the server's CSP allows, for this one address. */
const POLICY = 'plainsight-worker';

// Not in TypeScript's own declarations. Browsers without Trusted Types take the address as it is.
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

let address: string | undefined;

/** Starts the inspector's thread; `listen` is told what it says. */
export function startInspectorWorker(listen: (message: FromWorker) => void): InspectorWorker {
  // A policy of one name can be made once a page.
  address ??= trusted(workerUrl);
  const worker = new Worker(address, { type: 'module', name: 'inspector' });
  worker.addEventListener('message', (event: MessageEvent<FromWorker>) => listen(event.data));
  return {
    post: (message) => worker.postMessage(message),
    stop: () => worker.terminate(),
  };
}

function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) return url;
  const rules = {
    createScriptURL(asked: string): string {
      if (asked !== workerUrl) throw new TypeError(`${asked} is not the address of the inspector's worker.`);
      return asked;
    },
  };
  return trustedTypes.createPolicy(POLICY, rules).createScriptURL(url);
}
