import { LIMITS } from '@progeny/contract';
import { createQuietWarning } from '@progeny/event-bus';
import { isTransient } from '@progeny/kit';
import type { ManagerClient } from '../manager/manager-client.ts';
import { countThatFits } from '../report/report-size.ts';
import type { WorkerCounters, WorkerLog } from '../worker.ts';
import { nothingTold, readEmitted, readProgress, type Telling, type Told, toReports } from './told-by-job.ts';

/** What one job tells with. Never throws, never waits. */
export interface Teller {
  progress(percent: unknown, stage: unknown, label?: unknown): void;
  emit(step: unknown): void;
  /** The job is over: its percentage is, too, and what it tells from now on is ignored. Its steps are still sent. */
  close(): void;
}

export interface ProgressQueue {
  open(child: { job_id: string; attempt: number }): Teller;
  /** Drops what the job has told: it is somebody else's. */
  forget(jobId: string): void;
  /** Sends what is there; resolves when it is sent or lost, at the latest after a second. */
  stop(): Promise<void>;
}

/** What is told within this time goes together, of all jobs. */
const WINDOW_MS = 100;
/** Each makes up to two reports. */
const JOBS_IN_BATCH_MAX = LIMITS.workerBatch / 2;
/** Jobs that may have told something while a manager does not answer; more are ignored. */
const JOBS_WAITING_MAX = 10_000;
const PROGRESS_TIMEOUT_MS = 5_000;
const STOP_WITHIN_MS = 1_000;

/**
 * Merges what jobs tell of themselves and sends it in batches, one at a time. Of a job the last progress counts, its
 * steps add up. What cannot be sent is counted and dropped: the next says more.
 */
export function createProgressQueue({
  manager,
  log,
  counters,
}: {
  manager: Pick<ManagerClient, 'request'>;
  log: WorkerLog;
  counters: WorkerCounters;
}): ProgressQueue {
  const pending = new Map<string, Told>();
  const warn = createQuietWarning(log, 'progress was lost');
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let isStopped = false;

  const toldBy = (child: { job_id: string; attempt: number }): Told | null => {
    const known = pending.get(child.job_id);
    if (known?.attempt === child.attempt) return known;
    if (pending.size >= JOBS_WAITING_MAX) return null;
    const fresh = nothingTold(child);
    pending.set(child.job_id, fresh);
    schedule();
    return fresh;
  };

  const schedule = () => {
    if (pending.size > 0 && !sending && !isStopped) timer ??= setTimeout(flush, WINDOW_MS);
  };
  const flush = () => {
    timer = undefined;
    sending = sendAll().finally(() => {
      sending = undefined;
      schedule();
    });
  };

  const sendAll = async () => {
    let told = [...pending.values()];
    pending.clear();
    while (told.length > 0) {
      const count = countThatFits(
        told.map(({ bytes }) => bytes),
        JOBS_IN_BATCH_MAX,
      );
      await sendBatch(told.slice(0, count).flatMap(toReports));
      told = told.slice(count);
    }
  };

  const sendBatch = async (reports: ReturnType<typeof toReports>) => {
    if (reports.length === 0) return;
    try {
      await manager.request('progress', { reports }, { timeoutMs: PROGRESS_TIMEOUT_MS });
      counters.progressSent += reports.length;
    } catch (error) {
      counters.progressLost += reports.length;
      // That the manager is away is told elsewhere.
      if (!isTransient(error)) warn({ err: error, reports: reports.length });
    }
  };

  return {
    open(child) {
      let isOpen = true;
      const tell = (telling: Telling | null) => {
        counters.told += 1;
        const told = telling && isOpen && !isStopped ? toldBy(child) : null;
        counters.ignored += told ? (telling?.(told) ?? 0) : 1;
      };
      return {
        progress: (percent, stage, label) => tell(readProgress(percent, stage, label)),
        emit: (step) => tell(readEmitted(step)),
        close() {
          isOpen = false;
          const told = pending.get(child.job_id);
          if (told?.attempt !== child.attempt) return;
          told.progress = null;
          if (told.steps.length === 0) pending.delete(child.job_id);
        },
      };
    },
    forget: (jobId) => void pending.delete(jobId),
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await inTime((sending ?? Promise.resolve()).then(sendAll));
    },
  };
}

/** Resolves with the promise, or without it when that takes too long. */
async function inTime(promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_WITHIN_MS);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
