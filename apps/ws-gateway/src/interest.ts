import { type JobEvent, USER_HEADER } from '@progeny/contract';
import type { Delivery, EventBus } from '@progeny/event-bus';
import type { Owner } from '@progeny/job-store';

/** What this gateway has subscribed to on the bus: what its readers watch, and no more. */
export interface Interest {
  /**
   * Watches one job, or with `null` all of the tenant; the answer ends it. What is watched both ways is heard twice,
   * and told once: the second is no news.
   */
  watch(tenantId: string, jobId: string | null): () => void;
  /** Resolves when every watch begun before stands, so that nothing published from then on is missed. Never rejects. */
  standing(): Promise<void>;
  readonly size: number;
}

const TOPICS = ['parent_job_progress', 'job_lifecycle'] as const;

export function createInterest({
  bus,
  deliver,
}: {
  bus: EventBus;
  deliver: (event: JobEvent, owner: Owner) => void;
}): Interest {
  let size = 0;

  const onEvent = (event: JobEvent, { tenantId, headers }: Delivery) =>
    // Of whom nobody is told to be the owner is for operators alone: no user has an empty name.
    deliver(event, { tenantId, userId: headers[USER_HEADER] ?? '' });

  return {
    watch(tenantId, jobId) {
      // A job of any tenant: the first to name it may be a stranger, and those who may see it share this watch.
      const which = jobId === null ? { tenantId } : { jobId };
      const subscriptions = TOPICS.map((topic) => bus.subscribe({ topic, ...which }, onEvent));
      size += 1;
      return () => {
        for (const subscription of subscriptions) subscription.unsubscribe();
        size -= 1;
      };
    },
    async standing() {
      // While the bus is away nothing is published; once it is back, all that is watched is read again.
      if (bus.state === 'connected') await bus.flush().catch(() => undefined);
    },
    get size() {
      return size;
    },
  };
}
