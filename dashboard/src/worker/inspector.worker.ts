// The inspector's own thread: follows the log, keeps the list of all messages, and answers the page.
import { LogLink } from '../lib/state/log-link.ts';
import { Desk, TELL_MS } from './desk.ts';
import type { ToWorker } from './messages.ts';

/** What one step may take before the page is listened to again. */
const STEP_MS = 12;

const desk = new Desk({
  post: (message, transfer) => self.postMessage(message, { transfer }),
  now: () => performance.now(),
});
/** From the first question on: a thread that nobody has asked anything yet does not follow the log. */
let link: LogLink | undefined;
let due: ReturnType<typeof setTimeout> | undefined;
let isDueNow = false;

self.addEventListener('message', (event: MessageEvent<ToWorker>) => {
  link ??= new LogLink({
    onwaiting: () => {
      soon();
    },
  });
  desk.receive(event.data);
  soon();
});

function soon(): void {
  if (isDueNow) return;
  clearTimeout(due);
  isDueNow = true;
  due = setTimeout(step, 0);
}

function step(): void {
  isDueNow = false;
  const start = performance.now();
  // The list grows first; the filter has the rest of the step.
  link?.drain(desk.apply, () => performance.now() > start + STEP_MS / 2);
  const isWaiting = link?.isWaiting ?? false;
  desk.work(() => performance.now() > start + STEP_MS, link?.isLive === true && !isWaiting);
  if (isWaiting || desk.isBusy) soon();
  else if (desk.owesNews) due = setTimeout(step, TELL_MS);
}
