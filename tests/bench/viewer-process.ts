// A dashboard without a screen: acknowledges its batches as a browser does, without looking into them. Arguments:
// the dashboard's address and the token.
import { io, type Socket } from 'socket.io-client';
import type { DashboardToServer, ServerToDashboard } from '#contract';

const [address = '', token = ''] = process.argv.slice(2);
const socket: Socket<ServerToDashboard, DashboardToServer> = io(address, {
  transports: ['websocket'],
  extraHeaders: { Authorization: `Bearer ${token}` },
});
let taken = 0;
socket.on('connect', () => {
  taken = 0;
  socket.emit('follow', { epoch: 0, after: 0 });
});
socket.once('batch', () => process.send?.('attached'));
socket.on('batch', (batch) => {
  taken += batch.byteLength;
  socket.emit('progress', taken);
});
process.on('disconnect', () => process.exit());
