import { type JobEvent, USER_HEADER } from '@progeny/contract';
import type { Delivery, EventBus } from '@progeny/event-bus';
import type { Owner } from '@progeny/job-store';

/** One job, by its name; or of all jobs of a tenant those without a parent, or those that have one. */
export type Watched = { jobId: string } | { all: 'parents' | 'children' };

/** What this gateway has subscribed to on the bus: what its readers watch, and no more. */
export interface Interest {
  /**
   * Watches until it is ended by the answer. A job that is watched by its name and among all is heard twice, and told
   * once: the second is no news.
   */
  watch(tenantId: string, watched: Watched): () => void;
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
}: {
  bus: EventBus;
  deliver: (event: JobEvent, owner: Owner) => void;
}): Interest {
  let size = 0;

  const onEvent = (event: JobEvent, { tenantId, headers }: Delivery) =>
    // Of whom nobody is told to be the owner is for operators alone: no user has an empty name.
    deliver(event, { tenantId, userId: headers[USER_HEADER] ?? '' });

  const subscribe = (tenantId: string, watched: Watched) => {
    if ('jobId' in watched) {
      const { jobId } = watched;
      // Of any tenant: the first to name it may be a stranger, and those who may see it share this watch.
      return OF_A_JOB.map((topic) => bus.subscribe({ topic, jobId }, onEvent));
    }
    const hasParent = watched.all === 'children';
    return OF_EVERYTHING.map((topic) => bus.subscribe({ topic, tenantId, hasParent }, onEvent));
  };

  return {
    watch(tenantId, watched) {
      const subscriptions = subscribe(tenantId, watched);
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
