/**
 * A process of its own for the explicit proxy, and for answering in a site's name. All it ever learns is a table of
 * names and the relay's ports for them, and while the stranger impersonates a site, the key of one forged certificate;
 * whatever is sent to it, the passive lanes do not notice. Ends with the lab.
 */
import { Engine } from './engine.ts';
import { Impersonations } from './impersonations.ts';
import type { FromEngine, ToEngine } from './messages.ts';
import { RouteTable } from './route-table.ts';

// What may be under way to a lab that does not read; beyond it refusals are not told.
const mostUntold = 64;

const table = new RouteTable();
let untold = 0;
const impersonations = new Impersonations(tell);

// The channel is the lab's: when it is gone, so is the lab, whatever ended it.
process.once('disconnect', () => process.exit(0));
// A terminal's Ctrl-C reaches everybody; the lab decides when this ends.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.on('message', (message: ToEngine) => {
  if (message.type === 'route') table.replace(message.routes);
  else if (message.type === 'impersonate') void impersonations.begin(message);
  else if (message.type === 'stop-impersonating') impersonations.end(message.id);
  else void open(message);
});

async function open({ port, moveOn, avoid, limits }: ToEngine & { type: 'listen' }): Promise<void> {
  const engine = new Engine({
    table,
    limits,
    refused: (refusal) => {
      if (untold >= mostUntold) return;
      untold += 1;
      tell({ type: 'refused', refusal }, () => (untold -= 1));
    },
  });
  for (let candidate = port; ; candidate += 1) {
    if (candidate === avoid && candidate < port + moveOn) continue;
    try {
      tell({ type: 'listening', port: await engine.open(candidate) });
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      if (code === 'EADDRINUSE' && candidate < Math.min(port + moveOn, 65_535)) continue;
      tell({ type: 'no-port', code, port: candidate }, () => process.exit(1));
      return;
    }
  }
}

function tell(message: FromEngine, told: () => void = () => undefined): void {
  process.send?.(message, undefined, undefined, () => told());
}
