import {
  type ChildView,
  type CrawlLimits,
  crawlLimitsSchema,
  PAGE_JOB_TYPE,
  type ParentJobProgress,
  USER_HEADER,
} from '@progeny/contract';
import { isParentEnded, normalizeUrl } from '@progeny/core';
import type { EventBus, RequestHandlers, Subscription } from '@progeny/event-bus';
import { createMemoryJobStore, type JobStore } from '@progeny/job-store';

export interface FakeManager {
  store: JobStore;
  /** How many claims have come. */
  claims(): number;
  startCrawl(crawl: { seeds: readonly string[]; limits?: Partial<CrawlLimits> }): Promise<string>;
  /** Resolves when the parent has ended. */
  ended(parentId: string): Promise<ParentJobProgress>;
  /** Every child of the parent, oldest first. */
  children(parentId: string): Promise<ChildView[]>;
  /** Stops answering; `serve` answers again. */
  leave(): void;
  serve(overrides?: Partial<RequestHandlers>): void;
}

const OWNER = { tenantId: 'test', userId: 'test' };

/** For tests: the manager's three endpoints on a store in memory, and a parent-executor that folds at once. */
export function createFakeManager(bus: EventBus, onRequest: () => void = () => {}): FakeManager {
  const now = () => new Date();
  let ids = 0;
  const newId = () => `00000000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`;
  const store = createMemoryJobStore({ now, newId });
  let claims = 0;
  const waiting = new Map<string, (progress: ParentJobProgress) => void>();
  const ends = new Map<string, Promise<ParentJobProgress>>();
  let serving: Subscription | undefined;

  const fold = async (parentIds: Iterable<string | null>, { isFirst = false } = {}) => {
    const ids = [...new Set(parentIds)].filter((id) => id !== null);
    for (const { progress, changed, tenantId, userId } of await store.fold(ids)) {
      const timestamp = now().toISOString();
      if (changed || isFirst) {
        bus.publish({
          tenantId,
          event: { type: 'parent_job_progress', payload: progress, timestamp },
          headers: { [USER_HEADER]: userId },
        });
      }
      if (isParentEnded(progress.status)) waiting.get(progress.job_id)?.(progress);
    }
  };

  const handlers: RequestHandlers = {
    async claim({ worker_id, job_types, limit, lease_ms }) {
      claims += 1;
      const claimed = await store.claim({
        workerId: worker_id,
        jobTypes: job_types,
        limit,
        leaseMs: lease_ms,
      });
      await fold(claimed.changes.map(({ parent_id }) => parent_id));
      return { children: claimed.children, parents: claimed.parents };
    },
    async report({ reports }) {
      const { answers, changes } = await store.report(
        reports.map(({ job_id, error, result, text, ...report }) => ({
          jobId: job_id,
          ...report,
          ...(error && { error }),
          ...(result && { result }),
          ...(text !== undefined && { text }),
        })),
      );
      await fold(changes.map(({ parent_id }) => parent_id));
      return { reports: answers };
    },
    async heartbeat({ children, lease_ms }) {
      return store.heartbeat(
        children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt })),
        lease_ms,
      );
    },
    explain: ({ job_id }) => store.explain(job_id),
  };

  return {
    store,
    claims: () => claims,
    async startCrawl({ seeds, limits = {} }) {
      const urls = seeds.map((seed) => normalizeUrl(seed) ?? seed);
      const spec = { type: 'crawl', seeds: urls, limits: crawlLimitsSchema.parse(limits) };
      const { job } = await store.createParent({
        owner: OWNER,
        type: 'crawl',
        name: 'test',
        spec,
        childType: PAGE_JOB_TYPE,
        maxChildren: spec.limits.max_pages,
        sealTimeoutMs: null,
        children: urls.map((url) => ({ key: url, payload: { url, depth: 0 } })),
        sealed: true,
      });
      ends.set(job.job_id, new Promise((resolve) => waiting.set(job.job_id, resolve)));
      await fold([job.job_id], { isFirst: true });
      return job.job_id;
    },
    ended: (parentId) => ends.get(parentId) ?? Promise.reject(new Error(`no parent ${parentId}`)),
    async children(parentId) {
      const all: ChildView[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.listChildren(parentId, { limit: 200, ...(cursor && { cursor }) });
        all.push(...page.children);
        cursor = page.next_cursor;
      } while (cursor);
      return all;
    },
    leave: () => serving?.unsubscribe(),
    serve(overrides = {}) {
      serving?.unsubscribe();
      const { claim, report, heartbeat, explain } = { ...handlers, ...overrides };
      serving = bus.serve({
        claim: (request) => claim(request).finally(onRequest),
        report: (request) => report(request).finally(onRequest),
        heartbeat: (request) => heartbeat(request).finally(onRequest),
        explain,
      });
    },
  };
}
