import { startWorkerProcess } from '../../measure/worker-process.ts';
import { allowOpenFiles } from '../open-files.ts';
import type { GroupOptions, Totals } from './reader-group.ts';
import type { ReadersCommand } from './readers-main.ts';

/** Readers of one server, in a process of their own. */
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

export type ReadersTotals = Omit<Totals, 'stale' | 'lost' | 'firstLoss'>;

/** The latest version of a job did not reach everybody, or one was told what it no longer is. */
export class FanoutError extends Error {
  readonly code = 'fanout_wrong';
}

const PATIENCE_MS = 30_000;
/** Beside the sockets. */
const OTHER_FILES = 200;

/** Connects so many readers to a server; resolves when each has its subscription. Rejects when one is refused. */
export async function startReaders(options: GroupOptions): Promise<Readers> {
  const worker = await startWorkerProcess<ReadersCommand>('fanout/reading/readers-main.ts', {});
  try {
    allowOpenFiles(worker.pid, options.readers + OTHER_FILES);
    await worker.ask({ do: 'open', options });
  } catch (error) {
    await worker.stop();
    throw error;
  }
  return {
    async clear() {
      await worker.ask({ do: 'clear' });
    },
    async totals() {
      const { stale, lost, firstLoss, ...totals } = (await worker.ask({ do: 'totals' })) as Totals;
      if (lost > 0) throw new FanoutError(`${lost} readers were cut off: ${firstLoss}`);
      if (stale > 0) throw new FanoutError(`${stale} frames were older than the one before`);
      return totals;
    },
    async haveAll(stamps) {
      const lacking = (await worker.ask({ do: 'lacking', stamps, ms: PATIENCE_MS })) as number;
      if (lacking === 0) return;
      throw new FanoutError(
        `${lacking} times a reader lacked the latest version of a job after ${PATIENCE_MS / 1000} s`,
      );
    },
    async stall(count) {
      await worker.ask({ do: 'stall', count });
    },
    async resume() {
      await worker.ask({ do: 'resume' });
    },
    async close() {
      await worker.ask({ do: 'close' });
      await worker.stop();
    },
  };
}
