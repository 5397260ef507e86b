import type { Lab } from '#contract';
import { once } from 'node:events';
import { startChild } from './child.ts';

/** Attaches a dashboard, in a process of its own, that takes in what it is sent; returns how to detach it. */
export async function attachViewer(lab: Pick<Lab, 'dashboard' | 'token'>): Promise<() => Promise<void>> {
  const child = startChild('viewer-process.ts', [lab.dashboard, lab.token]);
  await once(child.process, 'message');
  return () => child.stop();
}
