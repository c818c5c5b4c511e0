import { setTimeout as delay } from 'node:timers/promises';

/** What a running PostgreSQL or NATS is to those who break it. */
interface Running {
  port: number;
  pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A server that is stopped, killed and started again on the same port and files. */
export interface Server {
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Resolves when it takes connections again; tries for a minute, since somebody may hold its port for a moment. */
  start(): Promise<void>;
}

const START_WITHIN_MS = 60_000;
const TRY_EVERY_MS = 200;

export function createServer(first: Running, startAt: (port: number) => Promise<Running>): Server {
  let running: Running | null = first;
  const end = async (how: 'stop' | 'kill') => {
    const ending = running;
    running = null;
    await ending?.[how]();
  };
  return {
    stop: () => end('stop'),
    kill: () => end('kill'),
    async start() {
      const deadline = Date.now() + START_WITHIN_MS;
      while (running === null) {
        try {
          running = await startAt(first.port);
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await delay(TRY_EVERY_MS); // nobody tells when a port becomes free
        }
      }
    },
  };
}
