import type { ExperimentId, ExperimentInfo, ExperimentRun } from '#contract';
import { Router } from 'express';
import { refuse } from './refusal.ts';

/** What the calls ask of the experiments. */
export interface ExperimentCommands {
  experiments(): readonly ExperimentInfo[];
  /**
   * Rejects while another runs, and when a reset ends it, with an error that has a `hint`; with any other when it
   * could not be done.
   */
  runExperiment(id: ExperimentId): Promise<ExperimentRun>;
}

/** The calls under `/api/experiments`. `isRecorded`: a file is shown, and nothing crosses that could be measured. */
export function experimentsRouter(commands: ExperimentCommands, isRecorded: () => boolean): Router {
  const router = Router();
  router.get('/', (_request, response) => void response.json({ experiments: commands.experiments() }));
  router.post('/:id/run', async (request, response) => {
    const known = commands.experiments();
    const experiment = known.find(({ id }) => id === request.params.id);
    if (!experiment) {
      const hint = `There are: ${known.map(({ id }) => id).join(', ')}.`;
      refuse(response, 404, 'no-such-experiment', 'There is no experiment of this name.', hint);
      return;
    }
    if (isRecorded()) {
      const message = 'A recording is shown: nothing crosses that could be measured.';
      refuse(response, 409, 'recording-shown', message, 'Go back to live with POST /api/reset.');
      return;
    }
    try {
      response.json(await commands.runExperiment(experiment.id));
    } catch (error) {
      // A refusal is answered as all are.
      if (error instanceof Error && 'hint' in error) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const message = `“${experiment.title}” could not be done: ${why.replace(/\.?$/, '.')}`;
      refuse(response, 502, 'experiment-failed', message, 'Run it again; if it fails again, reset the lab.');
    }
  });
  return router;
}
