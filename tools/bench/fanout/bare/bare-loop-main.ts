/** What the gateway is held against: a WebSocketServer, and a loop that sends each buffer to each client of its job. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { clockMs, readSettings, serveCommands } from '../../measure/serve-commands.ts';
import { type Pace, sendEvenly } from '../evenly.ts';
import { updateOf } from '../update.ts';

export interface BareLoopSettings {
  jobIds: readonly string[];
  startedMs: number;
}
/** `evenly`: updates of the first job alone, at a pace. `rounds`: so many of each job, as fast as it goes. */
export type BareLoopCommand = { rounds: number } | { evenly: Pace } | { listen: true };

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
  return 'evenly' in command ? sendPaced(command.evenly) : sendAll(command.rounds);
}

async function sendPaced(pace: Pace): Promise<number[]> {
  const stamps: number[] = [];
  await sendEvenly(1, pace, (number) => {
    stamps[number] = send(number);
  });
  return stamps;
}

async function sendAll(rounds: number): Promise<number[]> {
  let stamps: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    stamps = [];
    for (const number of jobIds.keys()) {
      stamps.push(send(number));
      await nextTurn();
    }
    while ([...server.clients].some(isFull)) await nextTurn();
  }
  return stamps;
}

/** One update to each client of its job, whose stamp is the answer. */
function send(number: number): number {
  const microseconds = Math.floor((clockMs() - startedMs) * 1000);
  const update = updateOf(jobIds[number] ?? '', { number, microseconds });
  const buffer = Buffer.from(JSON.stringify(update));
  for (const client of clientsOf[number] ?? []) client.send(buffer, { binary: false });
  return update.payload.version;
}
