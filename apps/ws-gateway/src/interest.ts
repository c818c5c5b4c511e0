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

const OF_EVERYTHING = ['parent_job_progress', 'job_lifecycle'] as const;
/** Steps are for those alone who name the job. */
const OF_A_JOB = [...OF_EVERYTHING, 'pipeline_event'] as const;

export function createInterest({
  bus,
  deliver,
  wantsChildren,
}: {
  bus: EventBus;
  deliver: (event: JobEvent, owner: Owner) => void;
  /** Whether anybody who watches all of this tenant takes children; what is of one is not even decoded otherwise. */
  wantsChildren: (tenantId: string) => boolean;
}): Interest {
  let size = 0;

  const onEvent = (event: JobEvent, { tenantId, headers }: Delivery) =>
    // Of whom nobody is told to be the owner is for operators alone: no user has an empty name.
    deliver(event, { tenantId, userId: headers[USER_HEADER] ?? '' });

  const isUnwanted = ({ tenantId, parentId }: Delivery) => parentId !== undefined && !wantsChildren(tenantId);

  return {
    watch(tenantId, jobId) {
      const subscriptions =
        jobId === null
          ? OF_EVERYTHING.map((topic) => bus.subscribe({ topic, tenantId, skip: isUnwanted }, onEvent))
          : // A job of any tenant: the first to name it may be a stranger, and those who may see it share this watch.
            OF_A_JOB.map((topic) => bus.subscribe({ topic, jobId }, onEvent));
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
