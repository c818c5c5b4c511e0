import type { ParentJobProgress } from '@progeny/contract';
import type { EventBus, Subscription } from '@progeny/event-bus';

/** Somebody who waits for one parent. */
export interface ProgressWaiter {
  /** A snapshot was published; null when some may have been missed. */
  onTold(progress: ParentJobProgress | null): void;
  /** Nothing more will be told: the manager stops. */
  onEnd(): void;
}

export interface ProgressWait {
  /** Resolves when whatever is published from now on is told; at once while the bus is away. Never rejects. */
  readonly stands: Promise<void>;
  /** Idempotent. */
  leave(): void;
}

/** What is published of parents, for those who wait: one subscription a job, for as long as anybody waits for it. */
export interface ProgressFeed {
  /** Null when too many wait, or the manager stops: whoever asks is answered without waiting. */
  wait(parent: { tenantId: string; jobId: string }, waiter: ProgressWaiter): ProgressWait | null;
  /** Ends every wait, and takes no more. */
  end(): void;
  readonly waiting: number;
}

interface WaitedJob {
  waiters: Set<ProgressWaiter>;
  subscription: Subscription;
  stands: Promise<void>;
}

export function createProgressFeed({ bus, maxWaiting }: { bus: EventBus; maxWaiting: number }): ProgressFeed {
  const jobs = new Map<string, WaitedJob>();
  let connected: Subscription | null = null;
  let waiting = 0;
  let hasEnded = false;

  const tell = ({ waiters }: WaitedJob, progress: ParentJobProgress | null) => {
    for (const { onTold } of [...waiters]) onTold(progress);
  };
  const open = (parent: { tenantId: string; jobId: string }): WaitedJob => {
    const job: WaitedJob = {
      waiters: new Set(),
      subscription: bus.subscribe({ topic: 'parent_job_progress', ...parent }, ({ payload }) =>
        tell(job, payload),
      ),
      // While the bus is away nothing can be missed on it: that it is back is told, too.
      stands: bus.flush().catch(() => undefined),
    };
    return job;
  };
  const tellAll = () => {
    for (const job of [...jobs.values()]) tell(job, null);
  };

  return {
    wait(parent, waiter) {
      if (hasEnded || waiting >= maxWaiting || bus.state === 'closed') return null;
      const key = `${parent.tenantId}.${parent.jobId}`;
      connected ??= bus.onConnected(tellAll);
      const job = jobs.get(key) ?? open(parent);
      jobs.set(key, job);
      job.waiters.add(waiter);
      waiting += 1;
      return {
        stands: job.stands,
        leave() {
          if (!job.waiters.delete(waiter)) return;
          waiting -= 1;
          if (job.waiters.size === 0) {
            jobs.delete(key);
            job.subscription.unsubscribe();
          }
          if (waiting === 0) {
            connected?.unsubscribe();
            connected = null;
          }
        },
      };
    },
    end() {
      hasEnded = true;
      for (const { waiters } of [...jobs.values()]) for (const { onEnd } of [...waiters]) onEnd();
    },
    get waiting() {
      return waiting;
    },
  };
}
