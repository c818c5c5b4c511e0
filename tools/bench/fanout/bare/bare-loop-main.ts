/** What the gateway is held against: a WebSocketServer, and a loop that sends each buffer to each client of its job. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { clockMs, readSettings, serveCommands } from '../../measure/serve-commands.ts';
import { updateOf } from '../update.ts';

export interface BareLoopSettings {
  jobIds: readonly string[];
  startedMs: number;
}
/** Null: where it listens. Else so many updates of each job, as fast as it goes; the answer is their last stamps. */
export type BareLoopCommand = { rounds: number } | { listen: true };

/** What one client has not taken by then is waited for before the next round. */
const BUFFERED_MAX_BYTES = 256 * 1024;

const isFull = ({ bufferedAmount }: WebSocket) => bufferedAmount > BUFFERED_MAX_BYTES;

const { jobIds, startedMs } = readSettings<BareLoopSettings>();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
/** By number. */
const clientsOf: Set<WebSocket>[] = jobIds.map(() => new Set());
const SUBSCRIBED = JSON.stringify({ type: 'subscribed', payload: {}, timestamp: new Date().toISOString() });

server.on('connection', (socket) => {
  socket.once('close', () => {
    for (const clients of clientsOf) clients.delete(socket);
  });
  socket.once('message', (data) => {
    const { payload } = JSON.parse(String(data)) as { payload: { job_ids: string[] } };
    for (const jobId of payload.job_ids) clientsOf[jobIds.indexOf(jobId)]?.add(socket);
    socket.send(SUBSCRIBED);
  });
});
await once(server, 'listening');
serveCommands<BareLoopCommand>({ handle, stop: () => Promise.resolve() });

async function handle(command: BareLoopCommand): Promise<unknown> {
  if ('listen' in command) return (server.address() as AddressInfo).port;
  let stamps: number[] = [];
  for (let round = 0; round < command.rounds; round += 1) {
    stamps = [];
    for (const [number, clients] of clientsOf.entries()) {
      const microseconds = Math.floor((clockMs() - startedMs) * 1000);
      const update = updateOf(jobIds[number] ?? '', { number, microseconds });
      stamps.push(update.payload.version);
      const buffer = Buffer.from(JSON.stringify(update));
      for (const client of clients) client.send(buffer, { binary: false });
      await nextTurn();
    }
    while ([...server.clients].some(isFull)) await nextTurn();
  }
  return stamps;
}
