import { startWorkerProcess, type WorkerProcess } from '../../measure/worker-process.ts';
import { allowOpenFiles } from '../open-files.ts';
import type { GroupOptions, Totals } from './reader-group.ts';
import type { ReadersCommand } from './readers-main.ts';

/** Processes that hold readers. */
export interface ReaderProcesses {
  /** Connects so many readers to a server; resolves when each has its subscription. Rejects when one is refused. */
  open(options: Omit<GroupOptions, 'readers'> & { readers: number }): Promise<Readers>;
  stop(): Promise<void>;
}

/** One group of readers, spread over the processes. */
export interface Readers {
  clear(): Promise<void>;
  /** Since `clear`. Rejects when a reader was cut off or got an older version after a newer one. */
  totals(): Promise<ReadersTotals>;
  /** Resolves when each reader has the latest of each job that it watches; rejects when one has not in 30 s. */
  haveAll(stamps: readonly number[]): Promise<void>;
  stall(count: number): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

export type ReadersTotals = Omit<Totals, 'latency' | 'stale' | 'lost' | 'firstLoss'> & {
  latencies: Totals['latency'][];
};

/** The latest version of a job did not reach everybody, or one was told what it no longer is. */
export class FanoutError extends Error {
  readonly code = 'fanout_wrong';
}

const PATIENCE_MS = 30_000;
/** Beside the sockets. */
const OTHER_FILES = 200;
let groups = 0;

export async function startReaderProcesses(processes: number, readersMax: number): Promise<ReaderProcesses> {
  const workers = await Promise.all(
    Array.from({ length: processes }, () =>
      startWorkerProcess<ReadersCommand>('fanout/reading/readers-main.ts', {}),
    ),
  );
  for (const { pid } of workers) allowOpenFiles(pid, Math.ceil(readersMax / processes) + OTHER_FILES);
  return {
    async open({ readers, ...options }) {
      groups += 1;
      const group = `group ${groups}`;
      const size = Math.ceil(readers / workers.length);
      await Promise.all(
        workers.map((worker, index) => {
          const range: [number, number] = [
            Math.min(readers, index * size),
            Math.min(readers, (index + 1) * size),
          ];
          return worker.ask({ group, do: 'open', options: { ...options, readers: range } });
        }),
      );
      return readersOf(workers, group);
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

type Order<Command = ReadersCommand> = Command extends unknown ? Omit<Command, 'group'> : never;

function readersOf(workers: readonly WorkerProcess<ReadersCommand>[], group: string): Readers {
  const askAll = (order: Order): Promise<unknown[]> =>
    Promise.all(workers.map((worker) => worker.ask({ group, ...order })));
  return {
    async clear() {
      await askAll({ do: 'clear' });
    },
    async totals() {
      const all = (await askAll({ do: 'totals' })) as Totals[];
      const sum = (read: (totals: Totals) => number) => all.reduce((total, one) => total + read(one), 0);
      const lost = sum((one) => one.lost);
      const stale = sum((one) => one.stale);
      if (lost > 0) {
        throw new FanoutError(`${lost} readers were cut off: ${all.find((one) => one.firstLoss)?.firstLoss}`);
      }
      if (stale > 0) throw new FanoutError(`${stale} frames were older than the one before`);
      return {
        frames: sum(({ frames }) => frames),
        stalledFrames: sum(({ stalledFrames }) => stalledFrames),
        stalledLost: sum((one) => one.stalledLost),
        pings: sum(({ pings }) => pings),
        lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
        latencies: all.map(({ latency }) => latency),
      };
    },
    async haveAll(stamps) {
      const lacking = (await askAll({ do: 'lacking', stamps, ms: PATIENCE_MS })) as number[];
      const all = lacking.reduce((sum, count) => sum + count, 0);
      if (all === 0) return;
      throw new FanoutError(
        `${all} times a reader lacked the latest version of a job after ${PATIENCE_MS / 1000} s`,
      );
    },
    async stall(count) {
      await askAll({ do: 'stall', count });
    },
    async resume() {
      await askAll({ do: 'resume' });
    },
    async close() {
      await askAll({ do: 'close' });
    },
  };
}
