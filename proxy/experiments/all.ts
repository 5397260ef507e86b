import type { Experiment } from './experiment.ts';
import { keyPairs } from './key-pairs.ts';
import { openCards } from './open-cards.ts';
import { race } from './race.ts';
import { stolenKey } from './stolen-key.ts';
import { keepAlive } from './keep-alive.ts';
import { newConnection } from './new-connection.ts';
import { resumption12, resumption13 } from './resumption.ts';
import { endByClose, endByDrop, endByTimeout } from './session-end.ts';

/** In the order in which they are shown. */
export const EXPERIMENTS: readonly Experiment[] = [
  keepAlive,
  newConnection,
  resumption13,
  resumption12,
  endByClose,
  endByTimeout,
  endByDrop,
  openCards,
  keyPairs,
  race,
  stolenKey,
];
