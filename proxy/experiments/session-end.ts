import type { ExperimentId } from '#contract';
import { CapturedConnection } from './captured-connection.ts';
import { eventsOf } from './captures.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { siteHolds, stillHeld, type VictimHolds, victimHolds } from './still-held.ts';
import { type Visit, visiting } from './visit.ts';

interface Kind {
  readonly id: ExperimentId;
  readonly title: string;
  readonly about: string;
  readonly seconds: number;
  /** What is done, while it is done. */
  readonly doing: string;
  readonly how: string;
  /** Ends the connection, and resolves when it is over. */
  readonly end: (visit: Visit, context: ExperimentContext) => Promise<void>;
}

const host = 'piggypay.test';
const idleMilliseconds = 1500;

/** Said with each result, since it cannot be asked. */
const CANNOT_BE_ASKED =
  'Whether the bytes of the keys are gone from memory, no call can tell: clearing them is left to OpenSSL, inside each process. What can be seen is that no call gives them out any more.';

export const endByClose: Experiment = sessionEnd({
  id: 'end-by-close',
  title: 'The session ends: closed',
  about: 'The victim logs in and says goodbye with close_notify: what does each end still hold?',
  seconds: 2,
  doing: 'The victim closes the connection.',
  how: 'closed by the victim',
  end: (visit) => visit.end(),
});

export const endByTimeout: Experiment = sessionEnd({
  id: 'end-by-timeout',
  title: 'The session ends: timed out',
  about: `The victim logs in and does nothing for ${idleMilliseconds / 1000} seconds, after which its own pool lets the connection go (the site would wait longer).`,
  seconds: 4,
  doing: 'Nothing is said, until the victim’s own time is up.',
  how: `let go by the victim’s pool, whose own time was up after ${idleMilliseconds / 1000} seconds`,
  // The pool of Node's HTTP closes a connection that is idle for so long.
  end: (visit) => visit.whenOver(() => visit.socket.setTimeout(idleMilliseconds)),
});

export const endByDrop: Experiment = sessionEnd({
  id: 'end-by-drop',
  title: 'The session ends: dropped',
  about:
    'The victim logs in and the stranger cuts the connection with a reset: what does each end still hold?',
  seconds: 2,
  doing: 'The stranger cuts the connection.',
  how: 'cut by the stranger',
  end: (visit, { lab }) => visit.whenOver(() => lab.cut(visit.connection)),
});

function sessionEnd({ id, title, about, seconds, doing, how, end }: Kind): Experiment {
  return {
    id,
    title,
    about,
    seconds,
    async run(context) {
      const { lab } = context;
      const since = lab.log.lastSeq;
      context.progress(0.1, 'The victim logs in.');
      return visiting(context, host, undefined, async (visit) => {
        const { token } = await visit.logIn();
        const ticket = await visit.session;
        const before = { victim: victimHolds(visit), site: siteHolds(context, host, visit) };
        context.progress(0.4, doing);
        await end(visit, context);
        context.progress(0.7, 'Both ends are asked what they still hold.');
        const after = { victim: victimHolds(visit), site: siteHolds(context, host, visit) };
        const { held, connection } = await stillHeld(context, host, { ticket, token });
        const events = lab.log.after(since);
        const capture = new CapturedConnection(visit.connection, events);
        const again = new CapturedConnection(connection, events);
        const { sealed, opened } = capture.opened;
        const ending = capture.ending;
        const saidGoodbye = capture.saidGoodbye('client-to-server');
        return {
          outcome: [
            `The connection was ${how}, ${saidGoodbye ? 'with' : 'without'} the victim’s close_notify.`,
            wordsOnKeys(after),
            `The ticket ${held.ticketWorks ? 'still resumes' : 'resumes no more'}; the login ${held.loginHolds ? 'still holds' : 'holds no more'}.`,
            `The key log, which is the only copy of the traffic secrets, opens ${opened} of ${sealed} encrypted records.`,
          ].join(' '),
          measures: {
            before,
            after,
            held,
            ending: { by: ending?.by ?? null, how: ending?.how ?? null, victimSaw: visit.failure ?? null },
            closeNotify: {
              victim: saidGoodbye,
              site: capture.saidGoodbye('server-to-client'),
            },
            keyLog: {
              lines: capture.secrets('victim').size,
              records: sealed,
              opened,
              openedWithoutIt: withoutKeyLog(capture).opened.opened,
            },
            cannotBeAsked: CANNOT_BE_ASKED,
          },
          events: eventsOf([capture, again]),
        };
      });
    },
  };
}

/** Computed from what each end answered when it was over. */
function wordsOnKeys({ victim, site }: { victim: VictimHolds; site: ReturnType<typeof siteHolds> }): string {
  const victimHas = victim.socketIsOpen || victim.exporter === 'answers';
  return [
    victimHas ? 'The victim’s socket still gives keys,' : 'The victim’s socket gives no keys any more,',
    site.connectionIsOpen
      ? 'and the site still has the connection open.'
      : 'and the site has the connection no more.',
  ].join(' ');
}

function withoutKeyLog({ id, events }: CapturedConnection): CapturedConnection {
  return new CapturedConnection(
    id,
    events.filter(({ type }) => type !== 'secrets-logged'),
  );
}
