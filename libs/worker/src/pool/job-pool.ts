import type { ClaimedChild, ClaimReply } from '@progeny/contract';
import { TIMER_MAX_MS } from '@progeny/kit';
import type { JobHandler } from '../job.ts';
import { type AbortCode, JobAborted } from '../job-aborted.ts';
import type { ProgressQueue, Teller } from '../progress/progress-queue.ts';
import { deepFreeze } from './deep-freeze.ts';
import { openJob } from './open-job.ts';
import { failed, type Outcome, runJob } from './run-job.ts';

export interface JobPool {
  /** Starts on what was claimed. */
  take(claimed: ClaimReply): void;
  /** Whose claims are ours. */
  readonly children: readonly ClaimedChild[];
  /** Handlers that run: more than claims while some go on after their signal fired. */
  readonly running: number;
  /** Lets go of children that are no longer ours, without a report. */
  abort(code: 'cancelled' | 'lease_lost', which: (child: ClaimedChild) => boolean): void;
  /** Resolves when no handler runs. After `drainMs` what is left is handed back, and is given a little time to end. */
  stop(drainMs: number): Promise<void>;
}

export interface JobPoolOptions {
  handler: JobHandler;
  progress: Pick<ProgressQueue, 'open'>;
  /** Once for each child that ends here, or is handed back. */
  onEnded(child: ClaimedChild, outcome: Outcome): void;
  /** A handler ended. */
  onRoom(): void;
  /** A handler has not ended in the time that it had after its signal; its place is given to another. */
  onLeft(child: ClaimedChild): void;
}

/** What a handler has to end in after its signal fired. */
const END_WITHIN_MS = 5_000;
/** The same when the worker stops, for its caller waits. */
const END_ON_STOP_WITHIN_MS = 1_000;

interface Held {
  child: ClaimedChild;
  controller: AbortController;
  teller: Teller;
  timer: NodeJS.Timeout | undefined;
  /** Its end is told, or it is no longer ours. */
  isOver: boolean;
}

/**
 * Holds the claimed jobs while they are worked on. Whoever claims keeps it from holding too many. A handler can
 * neither delay a cancel nor hold up the shutdown: what counts is decided when the signal fires, and not when it ends.
 */
export function createJobPool(options: JobPoolOptions): JobPool {
  const { handler, progress, onEnded, onRoom } = options;
  const held = new Map<string, Held>();
  const running = new Set<Held>();
  let isStopping = false;
  let onIdle: (() => void) | undefined;

  const end = (entry: Held, outcome: Outcome | null) => {
    entry.isOver = true;
    clearTimeout(entry.timer);
    entry.teller.close();
    if (held.get(entry.child.job_id) === entry) held.delete(entry.child.job_id);
    if (outcome) onEnded(entry.child, outcome);
  };

  const leave = (entry: Held) => {
    clearTimeout(entry.timer);
    if (!running.delete(entry)) return;
    if (running.size === 0) onIdle?.();
    onRoom();
  };

  const letGo = (entry: Held, code: AbortCode) => {
    if (entry.isOver) return;
    end(entry, handedBack(code));
    entry.timer = setTimeout(() => {
      options.onLeft(entry.child);
      leave(entry);
    }, END_WITHIN_MS);
    entry.controller.abort(new JobAborted(code));
  };

  const run = async (entry: Held, spec: Record<string, unknown>) => {
    const { child, controller, teller } = entry;
    const outcome = await runJob(handler, openJob(child, { spec, signal: controller.signal, teller }));
    if (!entry.isOver) end(entry, outcome);
    leave(entry);
  };

  const start = (child: ClaimedChild, spec: Record<string, unknown>) => {
    // The same child again means that the claim on its earlier attempt was lost.
    const earlier = held.get(child.job_id);
    if (earlier) letGo(earlier, 'lease_lost');
    const teller = progress.open(child);
    const entry: Held = { child, controller: new AbortController(), teller, timer: undefined, isOver: false };
    if (isStopping) return end(entry, handedBack('worker_stopped'));
    held.set(child.job_id, entry);
    running.add(entry);
    if (child.timeout_ms !== null) {
      const timeoutMs = Math.min(child.timeout_ms, TIMER_MAX_MS);
      entry.timer = setTimeout(() => letGo(entry, 'timed_out'), timeoutMs);
    }
    void run(entry, spec);
  };

  return {
    take({ children, parents }) {
      for (const spec of Object.values(parents)) deepFreeze(spec);
      for (const child of children) start(child, parents[child.parent_id] ?? NO_SPEC);
    },
    get children() {
      return [...held.values()].map(({ child }) => child);
    },
    get running() {
      return running.size;
    },
    abort(code, which) {
      for (const entry of [...held.values()]) if (which(entry.child)) letGo(entry, code);
    },
    async stop(drainMs) {
      isStopping = true;
      if (running.size === 0) return;
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      const isIdle = await within(idle, drainMs);
      if (isIdle) return;
      for (const entry of [...held.values()]) letGo(entry, 'worker_stopped');
      await within(idle, END_ON_STOP_WITHIN_MS);
      for (const entry of running) {
        clearTimeout(entry.timer);
        options.onLeft(entry.child);
      }
      running.clear();
    },
  };
}

const NO_SPEC: Record<string, unknown> = Object.freeze({});

/**
 * Told as failures that may be tried again: another worker has the job after half a second, where an expired lease
 * would take its whole time. What is no longer ours is not told.
 */
function handedBack(code: AbortCode): Outcome | null {
  switch (code) {
    case 'worker_stopped':
      return failed({
        error_code: 'worker_stopped',
        user_message: 'The worker was stopped before this was done.',
        technical_detail: 'handed back by a worker that stops',
        retryable: true,
      });
    case 'timed_out':
      return failed({
        error_code: 'timed_out',
        user_message: 'This took longer than it may.',
        technical_detail: 'the worker gave it up after its `child_timeout_seconds`',
        retryable: true,
      });
    case 'cancelled':
    case 'lease_lost':
      return null;
  }
}

/** Whether the promise resolves in time. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const isInTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}
