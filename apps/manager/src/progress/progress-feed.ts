import type { ParentJobProgress } from '@progeny/contract';
import type { EventBus, Subscription } from '@progeny/event-bus';

/** A job that somebody waits for: what is published of a parent, and of a child, is on different topics. */
export interface WaitedFor {
  kind: 'parent' | 'child';
  tenantId: string;
  jobId: string;
}

/** Somebody who waits for one job. */
export interface ProgressWaiter {
  /** The snapshot of a parent was published; null when no more is known than that something may have changed. */
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

/** What is published of jobs, for those who wait: one subscription a job, for as long as anybody waits for it. */
export interface ProgressFeed {
  /** Null when too many wait, or the manager stops: whoever asks is answered without waiting. */
  wait(job: WaitedFor, waiter: ProgressWaiter): ProgressWait | null;
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
  const subscribe = (
    { kind, tenantId, jobId }: WaitedFor,
    tellIt: (told: ParentJobProgress | null) => void,
  ) =>
    kind === 'parent'
      ? bus.subscribe({ topic: 'parent_job_progress', tenantId, jobId }, ({ payload }) => tellIt(payload))
      : // Its life and its progress do not say its status: that they were told is a reason to read.
        bus.subscribe({ topic: 'job_lifecycle', tenantId, jobId, hasParent: true }, () => tellIt(null));
  const open = (waitedFor: WaitedFor): WaitedJob => {
    const job: WaitedJob = {
      waiters: new Set(),
      subscription: subscribe(waitedFor, (told) => tell(job, told)),
      // While the bus is away nothing can be missed on it: that it is back is told, too.
      stands: bus.flush().catch(() => undefined),
    };
    return job;
  };
  const tellAll = () => {
    for (const job of [...jobs.values()]) tell(job, null);
  };

  return {
    wait(waitedFor, waiter) {
      if (hasEnded || waiting >= maxWaiting || bus.state === 'closed') return null;
      const key = `${waitedFor.tenantId}.${waitedFor.jobId}`;
      connected ??= bus.onConnected(tellAll);
      const job = jobs.get(key) ?? open(waitedFor);
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
