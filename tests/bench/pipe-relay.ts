// The yardstick: the shortest relay that Node can write, recording nothing. Arguments: the ports to relay to.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import './probe.ts';

const ports: number[] = [];
for (const target of process.argv.slice(2).map(Number)) {
  const server = createServer({ noDelay: true }, (client) => {
    const site = connect({ host: '127.0.0.1', port: target, noDelay: true });
    client.on('error', () => site.destroy());
    site.on('error', () => client.destroy());
    client.pipe(site).pipe(client);
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 512 });
  await once(server, 'listening');
  ports.push((server.address() as AddressInfo).port);
}
process.send?.(ports);
process.on('disconnect', () => process.exit());
