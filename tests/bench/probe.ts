// Loaded into a measured process beside its program: answers over IPC how much memory it holds after a
// collection. Needs --expose-gc.
import { setTimeout as delay } from 'node:timers/promises';

process.on('message', (message) => {
  if (message === 'memory') void answer();
});
process.channel?.unref();

async function answer(): Promise<void> {
  // Buffers are released by finalizers that run between collections.
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await delay(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heapUsed, external });
}
