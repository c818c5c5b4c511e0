import type { CreateJob, JobStatusChange } from '@progeny/contract';
import { createMemoryEventBus, type EventBus, type Publication } from '@progeny/event-bus';
import type { JobStore, Owner } from '@progeny/job-store';
import { createMemoryHarness } from '@progeny/job-store/contract-suite';
import { createLog } from '@progeny/kit';
import { composeJobs } from '../compose.ts';

export const OWNER: Owner = { tenantId: 'default', userId: 'local' };

export const custom = (children: number, more: Partial<CreateJob> = {}) =>
  ({
    type: 'custom',
    child_type: 'task',
    sealed: true,
    priority: 0,
    failure_policy: 'continue',
    children: Array.from({ length: children }, (_, index) => ({ key: `k${index}`, payload: {} })),
    ...more,
  }) as CreateJob;

/** The use cases on the ledger in memory, with a journal of what the store did and what was told, in order. */
export async function createJournaledJobs({
  bus = createMemoryEventBus(),
  retentionDays,
}: {
  bus?: EventBus;
  retentionDays?: number;
} = {}) {
  const harness = await createMemoryHarness();
  const journal: string[] = [];
  const counted: JobStatusChange[] = [];
  const told: Publication[] = [];
  const refused: number[] = [];
  const lost: [string, number][] = [];
  const lines: { msg: string }[] = [];
  const store = new Proxy(harness.store, {
    get(target, name: keyof JobStore) {
      const method = target[name] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const result = await method(...args);
        journal.push(name);
        return result;
      };
    },
  });
  const composed = composeJobs({
    config: { SEAL_TIMEOUT_MS: 60_000, RETENTION_DAYS: retentionDays },
    store,
    bus: {
      ...bus,
      publish: (publication) => {
        journal.push('told');
        told.push(publication);
        bus.publish(publication);
      },
    },
    log: createLog({ service: 'test', level: 'info', write: (line) => lines.push(JSON.parse(line)) }),
    counts: {
      onChanges: (changes) => void counted.push(...changes),
      onRefused: () => void refused.push(1),
      onLost: (reason, reports) => void lost.push([reason, reports]),
    },
  });
  return {
    ...harness,
    ...composed,
    journal,
    counted,
    told,
    refused,
    lost,
    lines,
    /** The journal since the last call, runs of the same entry as one. */
    since() {
      const entries = journal.splice(0);
      return entries.filter((entry, index) => entry !== entries[index - 1]);
    },
    /** A parent of so many children, and the ids of both. */
    async parentOf(children: number, more: Partial<CreateJob> = {}) {
      const { job } = await composed.jobs.create(OWNER, custom(children, more));
      const listed = await harness.store.listChildren(job.job_id, { limit: 10 });
      return { parentId: job.job_id, childIds: listed.children.map(({ job_id }) => job_id) };
    },
  };
}
export type JournaledJobs = Awaited<ReturnType<typeof createJournaledJobs>>;
