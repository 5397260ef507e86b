import type { AttackId, AttackInfo, AttackRun, CircumstanceKey } from '#contract';
import { type RequestHandler, Router } from 'express';
import { refuse } from './refusal.ts';

/** What the calls ask of the attacks. Each fails with an error that has a `hint` where the caller can do something. */
export interface AttackCommands {
  attacks(): readonly AttackInfo[];
  runAttack(id: AttackId, under?: CircumstanceKey): Promise<AttackRun>;
  /** Resolves once it waits for whoever comes. */
  armAttack(id: AttackId, under?: CircumstanceKey): Promise<AttackInfo>;
  /** Resolves once all that it had opened is closed. */
  disarmAttack(id: AttackId): Promise<AttackInfo>;
}

/** The calls under `/api/attacks`. `isRecorded`: a file is shown, and nothing crosses that could be attacked. */
export function attacksRouter(commands: AttackCommands, isRecorded: () => boolean): Router {
  const router = Router();
  router.get('/', (_request, response) => void response.json({ attacks: commands.attacks() }));
  router.post(
    '/:id/run',
    onAttack(commands, (id, body) => commands.runAttack(id, circumstanceIn(body, id, commands)), isRecorded),
  );
  router.post(
    '/:id/arm',
    onAttack(commands, (id, body) => commands.armAttack(id, circumstanceIn(body, id, commands)), isRecorded),
  );
  router.post(
    '/:id/disarm',
    onAttack(commands, (id) => commands.disarmAttack(id)),
  );
  return router;
}

/** Answers what `act` makes of the attack that the address names. */
function onAttack(
  commands: AttackCommands,
  act: (id: AttackId, body: unknown) => unknown,
  isRecorded: () => boolean = () => false,
): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const known = commands.attacks();
    const attack = known.find(({ id }) => id === request.params.id);
    if (!attack) {
      const hint = `There are: ${known.map(({ id }) => id).join(', ')}.`;
      refuse(response, 404, 'no-such-attack', 'There is no attack of this name.', hint);
      return;
    }
    if (isRecorded()) {
      const message = 'A recording is shown: nothing crosses that could be attacked.';
      refuse(response, 409, 'recording-shown', message, 'Go back to live with POST /api/reset.');
      return;
    }
    try {
      response.json(await act(attack.id, request.body));
    } catch (error) {
      // A refusal is answered as all are.
      if (error instanceof Error && 'hint' in error) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const message = `“${attack.title}” could not be tried: ${why.replace(/\.?$/, '.')}`;
      refuse(response, 502, 'attack-failed', message, 'Run it again; if it fails again, reset the lab.');
    }
  };
}

/** What the body makes true, of what this attack knows. */
function circumstanceIn(body: unknown, id: AttackId, commands: AttackCommands): CircumstanceKey | undefined {
  const key = commands.attacks().find((attack) => attack.id === id)?.circumstance?.key;
  if (key === undefined || typeof body !== 'object' || body === null) return undefined;
  return (body as Readonly<Partial<Record<CircumstanceKey, unknown>>>)[key] === true ? key : undefined;
}
