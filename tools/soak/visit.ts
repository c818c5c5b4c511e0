import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientMessage, type ServerMessage, SUBPROTOCOL } from '@progeny/contract';
import { WebSocket } from 'ws';
import type { Random } from './seeded-random.ts';

export interface VisitOptions {
  /** `127.0.0.1:<port>` of the gateway. */
  address: string;
  jobIds: readonly [string, ...string[]];
  random: Random;
  counts: VisitCounts;
}

export interface VisitCounts {
  visits: number;
  /** Of those that stayed until they left by themselves. */
  frames: number;
  /** Why visits ended that the visitor had not ended; each is a fault. */
  cutOff: string[];
}

const STAY_MAX_MS = 600;
const JOBS_MAX = 8;
const ACTS_MAX = 3;

/** Hasty: gone before the answer can have come. */
const ENTRANCES = ['socket', 'socket', 'socket', 'socket', 'stream', 'hasty socket', 'hasty stream'] as const;
type Act = (socket: WebSocket, options: VisitOptions) => void;

const subscribe: Act = (socket, options) =>
  say(socket, { type: 'subscribe', payload: { job_ids: someOf(options) } });

const ACTS: readonly [Act, ...Act[]] = [
  subscribe,
  subscribe,
  (socket, options) => say(socket, { type: 'unsubscribe', payload: { job_ids: someOf(options) } }),
  (socket) => say(socket, { type: 'ping' }),
  // There is no such job, and it is asked for beside some that there are.
  (socket, options) =>
    say(socket, { type: 'subscribe', payload: { job_ids: [randomUUID(), ...someOf(options)] } }),
  // Reads nothing more, until it leaves.
  (socket) => socket.pause(),
];

const EXITS: readonly [Act, ...Act[]] = [
  (socket) => {
    if (socket.isPaused) socket.resume();
    socket.close(NORMAL);
  },
  (socket) => socket.terminate(),
  // While an answer is awaited.
  (socket, options) => {
    subscribe(socket, options);
    socket.terminate();
  },
];

const NORMAL = 1_000;

const someOf = ({ random, jobIds }: VisitOptions): string[] =>
  Array.from({ length: random.int(1, JOBS_MAX) }, () => random.pick(jobIds));

/** One visit, from before the connection until all of it is gone. */
export async function visit(options: VisitOptions): Promise<void> {
  const { counts, random } = options;
  counts.visits += 1;
  const entrance = random.pick(ENTRANCES);
  switch (entrance) {
    case 'socket':
      return visitBySocket(options);
    case 'stream':
      return visitByStream(options, random.int(0, STAY_MAX_MS));
    case 'hasty socket': {
      const socket = connect(options);
      await sleep(random.int(0, 3)); // in the midst of the upgrade
      socket.terminate();
      return closed(socket);
    }
    case 'hasty stream':
      return visitByStream(options, random.int(0, 3));
    default:
      return entrance satisfies never;
  }
}

function connect({ address, counts }: VisitOptions): WebSocket {
  const socket = new WebSocket(`ws://${address}/ws`, SUBPROTOCOL);
  socket.on('error', () => {}); // of one that is ended before it stands; others are told by their close code
  socket.on('message', (data) => {
    counts.frames += 1;
    const { type } = JSON.parse(String(data)) as ServerMessage;
    if (type === 'reconnect') counts.cutOff.push('the gateway restarts');
  });
  return socket;
}

const closed = (socket: WebSocket): Promise<void> =>
  socket.readyState === socket.CLOSED
    ? Promise.resolve()
    : new Promise((resolve) => socket.once('close', () => resolve()));

async function visitBySocket(options: VisitOptions): Promise<void> {
  const { random, counts } = options;
  const socket = connect(options);
  const opened = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true)).once('close', () => resolve(false));
  });
  if (!opened) {
    counts.cutOff.push('not let in');
    return;
  }
  let isLeaving = false;
  socket.once('close', (code) => {
    if (!isLeaving) counts.cutOff.push(`close code ${code}`);
  });
  const acts = random.int(0, ACTS_MAX);
  for (let act = 0; act < acts; act += 1) {
    random.pick(ACTS)(socket, options);
    await sleep(random.int(0, STAY_MAX_MS / ACTS_MAX));
  }
  isLeaving = true;
  random.pick(EXITS)(socket, options);
  return closed(socket);
}

const say = (socket: WebSocket, message: ClientMessage): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
};

/** Server-sent events, which a client can only leave rudely. */
async function visitByStream(
  { address, jobIds, random, counts }: VisitOptions,
  stayMs: number,
): Promise<void> {
  const jobs = Array.from({ length: random.int(0, JOBS_MAX) }, () => `job_id=${random.pick(jobIds)}`);
  const request = get(`http://${address}/sse?${jobs.join('&')}`, { agent: false });
  const gone = new Promise<void>((resolve) => request.once('close', () => resolve()));
  let isLeaving = false;
  request.on('error', () => {}); // it was ended before the answer came
  request.on('response', (response) => {
    response.on('error', () => {}); // it was ended before it was whole
    response.on('data', () => {
      counts.frames += 1;
    });
    if (response.statusCode !== 200) counts.cutOff.push(`status ${response.statusCode}`);
    response.once('end', () => {
      if (!isLeaving) counts.cutOff.push('the stream ended');
    });
  });
  await sleep(stayMs);
  isLeaving = true;
  request.destroy();
  await gone;
}
