import type {
  AddedChild,
  ChildInput,
  ClaimReply,
  CreateJob,
  JobStatusChange,
  ParentView,
  ReportAnswer,
} from '@progeny/contract';
import { PAGE_JOB_TYPE, USER_HEADER } from '@progeny/contract';
import { normalizeUrl, scopeOf } from '@progeny/core';
import type { EventBus } from '@progeny/event-bus';
import type { ChildReport, ClaimOptions, JobStore, NewParent, Owner } from '@progeny/job-store';
import type { Log } from '@progeny/kit';

/** The use cases, the same for HTTP and for workers: change the ledger, then tell the bus what changed. */
export interface JobService {
  create(
    owner: Owner,
    request: CreateJob,
    idempotency?: NewParent['idempotency'],
  ): Promise<{ job: ParentView; created: boolean }>;
  addChildren(parentId: string, children: readonly ChildInput[]): Promise<AddedChild[]>;
  seal(parentId: string): Promise<void>;
  /** Resolves when the cancel is written; the children follow at once, in batches. */
  cancel(parentId: string): Promise<void>;
  claim(options: ClaimOptions): Promise<ClaimReply>;
  report(reports: readonly ChildReport[]): Promise<ReportAnswer[]>;
  reapExpired(): Promise<void>;
  /** Gives up the parents that nobody sealed in time. */
  expireSeals(): Promise<void>;
  /** Ends running cancels after the batch they are in: the cancel stands in the ledger, and a fold sweeps on. */
  drain(): Promise<void>;
}

export interface JobServiceParts {
  store: JobStore;
  bus: EventBus;
  log: Log;
  /** For jobs that name none of their own. */
  sealTimeoutMs: number;
  onChanges: (changes: readonly JobStatusChange[]) => void;
}

/** Jobs per transaction of a sweep or a reaping: short enough that claims and reports never wait for it. */
const SWEEP_BATCH = 500;

export function createJobService({ store, bus, log, sealTimeoutMs, onChanges }: JobServiceParts): JobService {
  const sweeps = new Set<Promise<void>>();
  let draining = false;

  const announce = (changes: readonly JobStatusChange[]) => {
    onChanges(changes);
    const timestamp = new Date().toISOString();
    for (const change of changes) {
      const { event_id, job_id, parent_id, from, to } = change;
      log.debug({ event_id, job_id, parent_id, from, to }, 'status changed');
      try {
        bus.publish({
          tenantId: change.tenant_id,
          event: { type: 'job_status_change', payload: change, timestamp },
          headers: { [USER_HEADER]: change.user_id },
        });
      } catch (error) {
        // The change is committed: whoever asked for it must not hear that it failed.
        log.error({ err: error, event_id }, 'a change could not be told');
      }
    }
  };

  const inBatches = async (next: () => Promise<JobStatusChange[]>) => {
    for (;;) {
      const changes = await next();
      announce(changes);
      if (changes.length < SWEEP_BATCH || draining) return;
    }
  };

  const sweep = (parentId: string) => {
    const running = inBatches(() => store.sweepCancelled(parentId, SWEEP_BATCH))
      // Nothing is lost: the cancel stands in the ledger, and whoever folds the parent sweeps on.
      .catch((error) => log.error({ err: error, parent_id: parentId }, 'a cancel was cut short'))
      .finally(() => sweeps.delete(running));
    sweeps.add(running);
  };

  return {
    async create(owner, request, idempotency) {
      const { job, created, changes } = await store.createParent({
        ...newParent(owner, request, sealTimeoutMs),
        ...(idempotency && { idempotency }),
      });
      announce(changes);
      if (created) log.info({ job_id: job.job_id, type: job.type }, 'job created');
      return { job, created };
    },
    async addChildren(parentId, children) {
      const added = await store.addChildren(parentId, children);
      announce(added.changes);
      return added.children;
    },
    async seal(parentId) {
      announce(await store.seal(parentId));
    },
    async cancel(parentId) {
      announce(await store.requestCancel(parentId));
      sweep(parentId);
      log.info({ job_id: parentId }, 'cancel requested');
    },
    async claim(options) {
      const { changes, ...reply } = await store.claim(options);
      announce(changes);
      return reply;
    },
    async report(reports) {
      const { answers, changes } = await store.report(reports);
      announce(changes);
      return answers;
    },
    reapExpired: () => inBatches(() => store.reapExpired(SWEEP_BATCH)),
    expireSeals: () => inBatches(() => store.expireSeals(SWEEP_BATCH)),
    async drain() {
      draining = true;
      await Promise.all(sweeps);
    },
  };
}

function newParent(owner: Owner, request: CreateJob, sealTimeoutMs: number): NewParent {
  switch (request.type) {
    case 'crawl': {
      const seeds = [...new Set(request.seeds.map((seed) => normalizeUrl(seed) ?? seed))];
      return {
        owner,
        type: 'crawl',
        name: request.name ?? scopeOf(seeds[0] ?? ''),
        spec: { ...request, seeds },
        childType: PAGE_JOB_TYPE,
        maxChildren: request.limits.max_pages,
        children: seeds.map((url) => ({ key: url, payload: { url, depth: 0 } })),
        // The seeds stand, and every further page comes in with the page it was found on.
        sealed: true,
        sealTimeoutMs: null,
      };
    }
    case 'custom': {
      const { children, ...spec } = request;
      return {
        owner,
        type: 'custom',
        name: request.name ?? request.child_type,
        spec,
        childType: request.child_type,
        maxChildren: null,
        children,
        sealed: request.sealed,
        sealTimeoutMs:
          request.seal_timeout_seconds === undefined ? sealTimeoutMs : request.seal_timeout_seconds * 1_000,
      };
    }
  }
}
