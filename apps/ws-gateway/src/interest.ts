import { type JobEvent, type Subject, USER_HEADER } from '@progeny/contract';
import type { Delivery, EventBus } from '@progeny/event-bus';
import type { Owner } from '@progeny/job-store';

/** What this gateway has subscribed to on the bus: what its readers watch, and no more. */
export interface Interest {
  /** Watches one job, or with `null` all of the tenant; the answer ends it. */
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
  /** Of single jobs, by subject. */
  const named = new Map<string, { stands: boolean }>();
  const begun = new Set<{ stands: boolean }>();
  const tenants = new Set<string>();
  let size = 0;

  const onEvent = (event: JobEvent, { tenantId, headers }: Delivery) =>
    // Of whom nobody is told to be the owner is for operators alone: no user has an empty name.
    deliver(event, { tenantId, userId: headers[USER_HEADER] ?? '' });

  const watchTenant = (tenantId: string) => {
    // A job that is also watched by its name is heard there, as soon as that stands.
    const skip = (subject: Subject) => named.get(keyOf(subject))?.stands ?? false;
    const subscriptions = TOPICS.map((topic) => bus.subscribe({ topic, tenantId, skip }, onEvent));
    tenants.add(tenantId);
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      tenants.delete(tenantId);
    };
  };

  const watchJob = (tenantId: string, jobId: string) => {
    // Of any tenant: the first to name a job may be a stranger to it, and those who may see it share this watch.
    const subscriptions = TOPICS.map((topic) => bus.subscribe({ topic, jobId }, onEvent));
    const key = keyOf({ tenantId, jobId });
    const watch = { stands: false };
    named.set(key, watch);
    begun.add(watch);
    return () => {
      const unsubscribe = () => {
        for (const subscription of subscriptions) subscription.unsubscribe();
      };
      begun.delete(watch);
      if (named.get(key) === watch) named.delete(key);
      // What was skipped is on its way here, and those who watch all of the tenant want it.
      if (watch.stands && tenants.has(tenantId)) void flushed().then(unsubscribe);
      else unsubscribe();
    };
  };

  /** False while the bus is away. */
  const flushed = async () => {
    if (bus.state !== 'connected') return false;
    return bus.flush().then(
      () => true,
      () => false,
    );
  };

  return {
    watch(tenantId, jobId) {
      const end = jobId === null ? watchTenant(tenantId) : watchJob(tenantId, jobId);
      size += 1;
      return () => {
        end();
        size -= 1;
      };
    },
    async standing() {
      const watches = [...begun];
      // While the bus is away nothing is published; once it is back, all that is watched is read again.
      if (!(await flushed())) return;
      for (const watch of watches) {
        watch.stands = true;
        begun.delete(watch);
      }
    },
    get size() {
      return size;
    },
  };
}

const keyOf = ({ tenantId, jobId }: Pick<Subject, 'tenantId' | 'jobId'>): string => `${tenantId}.${jobId}`;
