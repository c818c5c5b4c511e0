import type { ReportAnswer, WorkerReport } from '@progeny/contract';
import { BusError } from '@progeny/event-bus';
import { isTransient } from '@progeny/kit';
import type { ManagerClient } from '../manager/manager-client.ts';
import type { WorkerLog } from '../worker.ts';
import { countThatFits, jsonBytes } from './report-size.ts';

export interface ReportQueue {
  add(report: WorkerReport): void;
  /** Takes back what is not sent yet: the child is somebody else's now. */
  forget(jobId: string): void;
  readonly waiting: readonly WorkerReport[];
  /** Resolves when everything is reported, or with what is left after `timeoutMs`. Nothing is sent afterwards. */
  drain(timeoutMs: number): Promise<readonly WorkerReport[]>;
}

export interface ReportQueueOptions {
  manager: Pick<ManagerClient, 'request'>;
  log: WorkerLog;
  onAnswers(answers: readonly ReportAnswer[]): void;
}

interface Waiting {
  report: WorkerReport;
  bytes: number;
  addedMs: number;
}

const REPORT_TIMEOUT_MS = 5_000;
const BATCH_MAX = 100;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** A report that the manager stumbles over for this long is given up; its lease runs out, and the child is tried again. */
const GIVE_UP_MS = 10 * 60_000;

/**
 * Reports in batches that form by themselves: a report goes out at once when none is under way, and whatever comes
 * meanwhile goes together. What could not be sent stays and is sent again, for as long as the manager is away; a report
 * twice does no harm. Whoever claims bounds how many wait.
 */
export function createReportQueue({ manager, log, onAnswers }: ReportQueueOptions): ReportQueue {
  let queue: Waiting[] = [];
  let sending: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isFaultTold = false;
  // One report that the manager stumbles over must not hold up the others: after a failure they go one by one, the
  // failed one last, and then in twice as many each time.
  let batchMax = BATCH_MAX;
  let stopped = false;
  let onEmpty: (() => void) | undefined;

  const send = async () => {
    timer = undefined;
    const count = countThatFits(
      queue.map(({ bytes }) => bytes),
      batchMax,
    );
    sending = queue.slice(0, count);
    queue = queue.slice(count);
    const ends = sending.map(({ report }) => report);
    try {
      const { reports } = await manager.request(
        'report',
        { reports: ends },
        { timeoutMs: REPORT_TIMEOUT_MS },
      );
      if (isFaultTold) log.info({ failures }, 'reports get through again');
      isFaultTold = false;
      failures = 0;
      batchMax = Math.min(BATCH_MAX, batchMax * 2);
      onAnswers(reports);
    } catch (error) {
      if (!isTransient(error) && !isFaultTold) {
        log.error({ err: error, reports: sending.length }, 'cannot report, trying again');
        isFaultTold = true;
      }
      failures += 1;
      keep(error);
    }
    sending = [];
    schedule();
  };

  const keep = (error: unknown) => {
    const isRefused = error instanceof BusError && error.code === 'invalid_request' && sending.length === 1;
    const nowMs = Date.now();
    const [given, kept] = partition(
      sending,
      ({ addedMs }) => isRefused || (!isAway(error) && nowMs - addedMs > GIVE_UP_MS),
    );
    for (const { report } of given) {
      log.error({ err: error, job_id: report.job_id }, 'a report was given up; its lease will run out');
    }
    queue.push(...kept);
    batchMax = 1;
  };

  const schedule = () => {
    if (queue.length === 0 && sending.length === 0) onEmpty?.();
    if (timer || sending.length > 0 || queue.length === 0 || stopped) return;
    const delayMs = failures === 0 ? 0 : Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    timer = setTimeout(send, delayMs);
  };

  return {
    add(report) {
      queue.push({ report, bytes: jsonBytes(report), addedMs: Date.now() });
      schedule();
    },
    forget(jobId) {
      queue = queue.filter(({ report }) => report.job_id !== jobId);
    },
    get waiting() {
      return [...sending, ...queue].map(({ report }) => report);
    },
    async drain(timeoutMs) {
      let deadline: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        onEmpty = resolve;
        deadline = setTimeout(resolve, timeoutMs);
        schedule();
      });
      clearTimeout(deadline);
      clearTimeout(timer);
      stopped = true;
      return this.waiting;
    },
  };
}

/** No report's fault. A silence may be one: the manager may never come to its end. */
const isAway = (error: unknown): boolean =>
  error instanceof BusError && error.retryable && error.code !== 'timeout';

function partition<T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}
