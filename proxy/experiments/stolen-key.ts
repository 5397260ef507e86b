import { createPrivateKey } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { isWireEvent, type Measures } from '#contract';
import { Connections } from '#folds/connections.ts';
import type { LeakCase } from '#folds/leaked-key/leak-case.ts';
import { LeakedKeys } from '#folds/leaked-key/leaked-key.ts';
import type { CaptureLog } from '../capture/log.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { visiting } from './visit.ts';

/** The one that encrypts to its certificate's key, and the one that only signs with it. */
const HOSTS = ['static-rsa.test', 'piggypay.test'] as const;

const A_PIECE = 1 << 20;

/** Records a login at both sites where there is none yet; then the private keys of both get out. */
export const stolenKey: Experiment = {
  id: 'stolen-key',
  title: 'The site’s private key leaks',
  about:
    'Gives the stranger the private keys of static-rsa.test and piggypay.test, after their sessions were recorded.',
  seconds: 2,
  run: async (context) => {
    const { lab } = context;
    const before = await folded(lab.log);
    for (const [index, host] of HOSTS.entries()) {
      if (before.sessions(host).length > 0) continue;
      context.progress(index / 4, `The victim logs in at ${host}.`);
      await logIn(context, host);
    }
    context.progress(0.6, 'The private keys of both sites leak.');
    const leaked: number[] = [];
    for (const host of HOSTS) leaked.push(await leak(context, host));
    context.progress(0.8, 'The stranger tries the keys on what was recorded.');
    const cases = await opened(await folded(lab.log));
    const measures = Object.fromEntries(HOSTS.map((host) => [host, measured(cases, host)]));
    return { outcome: HOSTS.map((host) => outcome(cases, host)).join(' '), measures, events: leaked };
  },
};

async function logIn(context: ExperimentContext, host: string): Promise<void> {
  await visiting(context, host, undefined, async (visit) => {
    const { token } = await visit.logIn();
    await visit.askBalance(token);
    await visit.end();
  });
}

/** Tells the key of a host's certificate; returns the number of the event. */
async function leak({ lab, signal }: ExperimentContext, host: string): Promise<number> {
  const pem = await lab.privateKeyOf(host);
  signal.throwIfAborted();
  if (pem === undefined) throw new Error(`the lab has no key of ${host}`);
  const key = new Uint8Array(createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' }));
  return lab.log.append({ type: 'private-key-leaked', vantage: 'site', host, key }).seq;
}

/** Folds the log piece by piece, so that the relay goes on meanwhile. */
async function folded(log: CaptureLog): Promise<LeakedKeys> {
  const connections = new Connections();
  const leaks = new LeakedKeys(connections);
  for (let seen = 0, events = log.after(0, A_PIECE); events.length > 0; events = log.after(seen, A_PIECE)) {
    for (const event of events) {
      if (isWireEvent(event)) connections.apply(event);
      else leaks.apply(event);
    }
    seen = events.at(-1)?.seq ?? seen;
    await setImmediate();
  }
  return leaks;
}

/** Tries the keys one connection after the other, so that the relay goes on meanwhile. */
async function opened(leaks: LeakedKeys): Promise<readonly LeakCase[]> {
  for (const steps = leaks.casesInSteps(); ;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

function of(cases: readonly LeakCase[], host: string): readonly LeakCase[] {
  return cases.filter((each) => each.host === host);
}

function measured(cases: readonly LeakCase[], host: string): Measures {
  const own = of(cases, host);
  const sum = (count: (each: LeakCase) => number) => own.reduce((all, each) => all + count(each), 0);
  return {
    sessions: own.length,
    recordsOpened: sum(({ opened }) => opened),
    recordsSealed: sum(({ sealed }) => sealed),
    loginsRead: sum(({ login }) => (login ? 1 : 0)),
    agreesWithKeyLog: own.some(({ agreesWithKeyLog }) => agreesWithKeyLog !== undefined)
      ? own.every(({ agreesWithKeyLog }) => agreesWithKeyLog !== false)
      : null,
  };
}

function outcome(cases: readonly LeakCase[], host: string): string {
  const own = of(cases, host);
  const opened = own.reduce((sum, each) => sum + each.opened, 0);
  const all = own.reduce((sum, each) => sum + each.opened + each.sealed, 0);
  const login = own.some((each) => each.login) ? ', the password among them' : '';
  return `${host}: ${opened} of ${all} encrypted records opened${login}.`;
}
