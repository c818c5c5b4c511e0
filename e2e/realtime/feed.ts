import { setTimeout as delay } from 'node:timers/promises';
import type { ParentJobProgress } from '@progeny/contract';
import { SILENT_LOG } from '@progeny/event-bus';
import { connectNatsEventBus } from '@progeny/event-bus-nats';
import type { ChildReport, FoldResult } from '@progeny/job-store';
import { createPrismaJobStore } from '@progeny/job-store-prisma';
import { isTransient } from '@progeny/kit';
import { publishFold } from '@progeny/parent-executor';

export type Outcome = 'completed' | 'failed' | 'cancelled';

/** Jobs that live together: their children are of one kind, which nobody else claims. */
export interface Batch {
  readonly jobIds: readonly string[];
  /** Claims every child. */
  begin(options?: Told): Promise<void>;
  /** One more child of each job completes. */
  step(options?: Told): Promise<FoldResult[]>;
  end(outcome: Outcome): Promise<void>;
}

export interface Told {
  /** Whether the events are published; the ledger has them in any case. */
  isTold?: boolean;
}

/** What manager, worker and executor do, in one: changes real rows, folds them, and publishes what an executor does. */
export interface Feed {
  create(options: { jobs: number; children: number }): Promise<Batch>;
  publish(fold: FoldResult): void;
  /** The next version of a job, in the same state: on the bus alone, for those who only count frames. */
  publishNext(jobId: string): ParentJobProgress;
  /** The last version that was folded or published. */
  latest(jobId: string): ParentJobProgress;
  /** Resolves when it can publish. */
  connected(): Promise<void>;
  close(): Promise<void>;
}

const OWNER = { tenantId: 'default', userId: 'local' };
const LEASE_MS = 3_600_000;
const POOL_SIZE = 4;
const FAILED = { error_code: 'http_5xx', user_message: 'it failed', technical_detail: 'for the proof' };
const LOOK_EVERY_MS = 50;

/** Tries on while the ledger cannot be reached, as every service does. */
async function untilReached<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await delay(LOOK_EVERY_MS);
    }
  }
}

export function openFeed({ databaseUrl, natsUrl }: { databaseUrl: string; natsUrl: string }): Feed {
  const store = createPrismaJobStore({ databaseUrl, poolSize: POOL_SIZE, onIdleError: () => {} });
  const bus = connectNatsEventBus({ url: natsUrl, name: 'feed', log: SILENT_LOG });
  const latest = new Map<string, ParentJobProgress>();
  let batches = 0;

  const latestOf = (jobId: string): ParentJobProgress => {
    const progress = latest.get(jobId);
    if (!progress) throw new Error(`nothing was folded of ${jobId}`);
    return progress;
  };
  const report = (reports: readonly ChildReport[]) => untilReached(() => store.report(reports));
  const fold = async (jobIds: readonly string[], { isTold = true }: Told = {}) => {
    const results = await untilReached(() => store.fold(jobIds));
    for (const result of results) {
      latest.set(result.progress.job_id, result.progress);
      if (isTold) publishFold(bus, result);
    }
    return results;
  };

  return {
    async create({ jobs, children }) {
      batches += 1;
      const kind = `proof-${batches}`;
      const keys = Array.from({ length: children }, (_, index) => ({ key: `child-${index}`, payload: {} }));
      const created = await Promise.all(
        Array.from({ length: jobs }, () =>
          store.createParent({
            owner: OWNER,
            type: 'custom',
            name: kind,
            spec: { type: 'custom' },
            childType: kind,
            maxChildren: null,
            children: keys,
            sealed: true,
            sealTimeoutMs: null,
            priority: 0,
            failurePolicy: 'continue',
            deadlineMs: null,
            childTimeoutMs: null,
          }),
        ),
      );
      const jobIds = created.map(({ job }) => job.job_id);
      await fold(jobIds, { isTold: false });
      /** Of each job its open children. */
      const open = new Map<string, { jobId: string; attempt: number }[]>(jobIds.map((id) => [id, []]));
      const takeOpen = (count: number) => [...open.values()].flatMap((ofJob) => ofJob.splice(0, count));
      return {
        jobIds,
        async begin(told) {
          const { children: claimed } = await untilReached(() =>
            store.claim({ workerId: 'proof', jobTypes: [kind], limit: jobs * children, leaseMs: LEASE_MS }),
          );
          for (const { job_id, parent_id, attempt } of claimed) {
            open.get(parent_id)?.push({ jobId: job_id, attempt });
          }
          await fold(jobIds, told);
        },
        async step(told) {
          await report(takeOpen(1).map((child) => ({ ...child, status: 'completed' })));
          return fold(jobIds, told);
        },
        async end(outcome) {
          const rest = takeOpen(children);
          if (outcome === 'completed') {
            await report(rest.map((child) => ({ ...child, status: 'completed' })));
          } else if (outcome === 'failed') {
            await report(rest.map((child) => ({ ...child, status: 'failed', error: FAILED })));
          } else {
            for (const jobId of jobIds) {
              await untilReached(() => store.requestCancel(jobId));
              await untilReached(() => store.sweep(jobId, children));
            }
          }
          await fold(jobIds);
        },
      };
    },
    publish: (result) => publishFold(bus, result),
    publishNext(jobId) {
      const before = latestOf(jobId);
      const progress = { ...before, version: before.version + 1 };
      latest.set(jobId, progress);
      bus.publish({
        tenantId: OWNER.tenantId,
        event: { type: 'parent_job_progress', payload: progress, timestamp: new Date().toISOString() },
        headers: { user: OWNER.userId },
      });
      return progress;
    },
    latest: latestOf,
    async connected() {
      while (bus.state !== 'connected') await delay(LOOK_EVERY_MS); // the bus does not tell when it is back
    },
    async close() {
      await bus.close();
      await store.close();
    },
  };
}
