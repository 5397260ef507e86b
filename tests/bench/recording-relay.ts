// Plainsight's relay and log without the rest of the program. Arguments: the ports to relay to.
import { CaptureLog } from '../../proxy/capture/log.ts';
import { createRelay } from '../../proxy/relay/relay.ts';
import './probe.ts';

const log = new CaptureLog();
log.begin({ routes: [] });
const relay = createRelay(log);
const ports: number[] = [];
for (const port of process.argv.slice(2).map(Number)) {
  const address = { host: '127.0.0.1', port };
  ports.push(await relay.open({ name: 'bench.test', port: 80, tls: false, address }, 'other'));
}
process.send?.(ports);
process.on('disconnect', () => process.exit());
