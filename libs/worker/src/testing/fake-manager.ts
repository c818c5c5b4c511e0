import {
  type ChildView,
  type Command,
  type CrawlLimits,
  crawlLimitsSchema,
  PAGE_JOB_TYPE,
  type ParentJobProgress,
  USER_HEADER,
} from '@progeny/contract';
import { isParentEnded, normalizeUrl } from '@progeny/core';
import type { EventBus, RequestHandlers, Subscription } from '@progeny/event-bus';
import { createMemoryJobStore, type JobStore, type NewParent } from '@progeny/job-store';

export type TestParent = Omit<Partial<NewParent>, 'children'> & {
  children: readonly { key: string; payload?: Record<string, unknown> }[];
};

export interface FakeManager {
  store: JobStore;
  /** How many requests of each endpoint have come. */
  asked(endpoint: keyof RequestHandlers): number;
  /** A sealed parent of these children. */
  startParent(parent: TestParent): Promise<string>;
  startCrawl(crawl: { seeds: readonly string[]; limits?: Partial<CrawlLimits> }): Promise<string>;
  /** Resolves when the parent has ended. */
  ended(parentId: string): Promise<ParentJobProgress>;
  /** Every child of the parent, oldest first. */
  children(parentId: string): Promise<ChildView[]>;
  /** As somebody orders it, told and carried out. */
  command(jobId: string, command: Command): Promise<void>;
  /** Stops answering; `serve` answers again. */
  leave(): void;
  serve(overrides?: Partial<RequestHandlers>): void;
  /** What it serves now. */
  handlers(): RequestHandlers;
}

export const OWNER = { tenantId: 'test', userId: 'test' };

const inMemory = () => {
  let ids = 0;
  const newId = () => `00000000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`;
  return createMemoryJobStore({ now: () => new Date(), newId });
};

/** For tests: the manager's endpoints for workers, and a parent-executor that folds at once. */
export function createFakeManager(
  bus: EventBus,
  { onRequest = () => {}, store = inMemory() }: { onRequest?: () => void; store?: JobStore } = {},
): FakeManager {
  const asked = new Map<string, number>();
  const waiting = new Map<string, (progress: ParentJobProgress) => void>();
  const ends = new Map<string, Promise<ParentJobProgress>>();
  let serving: Subscription | undefined;

  const tell = (progress: ParentJobProgress, { tenantId, userId }: typeof OWNER) =>
    bus.publish({
      tenantId,
      event: { type: 'parent_job_progress', payload: progress, timestamp: new Date().toISOString() },
      headers: { [USER_HEADER]: userId },
    });

  const fold = async (parentIds: Iterable<string | null>, { isFirst = false } = {}) => {
    const ids = [...new Set(parentIds)].filter((id) => id !== null);
    for (const { progress, changed, tenantId, userId } of await store.fold(ids)) {
      if (changed || isFirst) tell(progress, { tenantId, userId });
      if (isParentEnded(progress.status)) waiting.get(progress.job_id)?.(progress);
    }
  };

  const carryOut = async (jobId: string, command: Command) => {
    switch (command) {
      case 'cancel':
        await store.requestCancel(jobId);
        break;
      case 'delete':
        await store.deleteParent(jobId);
        break;
      default:
        throw new Error(`no test needs ${command} yet`);
    }
    bus.publish({
      tenantId: OWNER.tenantId,
      event: {
        type: 'job_command',
        payload: { job_id: jobId, command },
        timestamp: new Date().toISOString(),
      },
    });
    await store.sweep(jobId, 1_000);
    await fold([jobId]);
  };

  const own: RequestHandlers = {
    async claim({ worker_id, job_types, limit, lease_ms }) {
      const claim = { workerId: worker_id, jobTypes: job_types, limit, leaseMs: lease_ms };
      const { children, parents, changes } = await store.claim(claim);
      await fold(changes.map(({ parent_id }) => parent_id));
      return { children, parents };
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
    heartbeat: ({ children, lease_ms }) =>
      store.heartbeat(
        children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt })),
        lease_ms,
      ),
    async progress({ reports }) {
      const { outcomes } = await store.saveProgress(
        reports.map(({ job_id, events, ...report }) => ({ jobId: job_id, steps: events, ...report })),
      );
      return { outcomes };
    },
    async command({ job_id, command }) {
      await carryOut(job_id, command);
      return { job_id, status: null };
    },
    explain: ({ job_id }) => store.explain(job_id),
  };
  let current = own;
  const noted =
    <Request, Reply>(endpoint: keyof RequestHandlers, handle: (request: Request) => Promise<Reply>) =>
    (request: Request): Promise<Reply> => {
      asked.set(endpoint, (asked.get(endpoint) ?? 0) + 1);
      return handle(request).finally(onRequest);
    };

  const startParent: FakeManager['startParent'] = async (parent) => {
    const { job } = await store.createParent({
      owner: OWNER,
      type: 'custom',
      name: 'test',
      spec: { type: 'custom' },
      childType: 'task',
      maxChildren: null,
      sealTimeoutMs: null,
      priority: 0,
      failurePolicy: 'continue',
      deadlineMs: null,
      childTimeoutMs: null,
      sealed: true,
      ...parent,
      children: parent.children.map(({ key, payload = {} }) => ({ key, payload })),
    });
    ends.set(job.job_id, new Promise((resolve) => waiting.set(job.job_id, resolve)));
    await fold([job.job_id], { isFirst: true });
    return job.job_id;
  };

  return {
    store,
    asked: (endpoint) => asked.get(endpoint) ?? 0,
    startParent,
    startCrawl({ seeds, limits = {} }) {
      const urls = seeds.map((seed) => normalizeUrl(seed) ?? seed);
      const spec = { type: 'crawl', seeds: urls, limits: crawlLimitsSchema.parse(limits) };
      return startParent({
        type: 'crawl',
        spec,
        childType: PAGE_JOB_TYPE,
        maxChildren: spec.limits.max_pages,
        children: urls.map((url) => ({ key: url, payload: { url, depth: 0 } })),
      });
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
    command: carryOut,
    leave: () => serving?.unsubscribe(),
    serve(overrides = {}) {
      serving?.unsubscribe();
      const all = { ...own, ...overrides };
      current = {
        claim: noted('claim', all.claim),
        report: noted('report', all.report),
        heartbeat: noted('heartbeat', all.heartbeat),
        progress: noted('progress', all.progress),
        command: noted('command', all.command),
        explain: noted('explain', all.explain),
      };
      serving = bus.serve(current);
    },
    handlers: () => current,
  };
}
