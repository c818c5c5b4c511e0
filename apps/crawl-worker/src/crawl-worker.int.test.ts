import { type DemoSite, startDemoSite } from '@progeny/demo-site';
import { createMemoryEventBus, createMemoryHub, type EventBus } from '@progeny/event-bus';
import { createLog, createMetrics, type Service } from '@progeny/kit';
import { createFakeManager, type FakeManager } from '@progeny/worker/testing';
import { type CrawlWorkerConfig, crawlWorkerConfigSchema } from './config.ts';
import { createCrawlWorker } from './crawl-worker.ts';

jest.setTimeout(30_000);

const INSTANTLY = Number.POSITIVE_INFINITY;
const log = createLog({ service: 'test', level: 'silent' });

let site: DemoSite;
let managerBus: EventBus;
let manager: FakeManager;
let workers: (Service & { port(): number })[];
let newBus: () => EventBus;
let watchers: Set<() => void>;

beforeEach(async () => {
  watchers = new Set();
  const hub = createMemoryHub();
  newBus = () => createMemoryEventBus({ hub });
  managerBus = newBus();
  manager = createFakeManager(managerBus, { onRequest: look });
  manager.serve();
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await site.close();
  await managerBus.close();
});

const startSite = (speed: number) => startDemoSite({ speed, onTraffic: () => look() });

function look(): void {
  for (const watch of watchers) watch();
}

/** Resolves when it holds; looked at after each request to the site or to the manager. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watch = () => {
      if (!holds()) return;
      watchers.delete(watch);
      resolve();
    };
    watchers.add(watch);
    watch();
  });
}

async function startWorker(config: Partial<CrawlWorkerConfig> = {}) {
  const worker = createCrawlWorker({
    // Nobody listens there: these tests are about the bus.
    config: {
      ...crawlWorkerConfigSchema.parse({ WORKER_PORT: '0', MANAGER_URL: 'http://127.0.0.1:1' }),
      ...config,
    },
    bus: newBus(),
    log,
    metrics: createMetrics({ service: 'crawl-worker' }),
  });
  workers.push(worker);
  await worker.start();
  return worker;
}

/** What became of each path, and why. */
async function outcomesOf(parentId: string) {
  const children = await manager.children(parentId);
  return {
    outcomes: Object.fromEntries(children.map(({ key, status }) => [new URL(key).pathname, status])),
    errorCodes: Object.fromEntries(
      children.flatMap(({ key, error, status }) =>
        error && status !== 'completed' ? [[new URL(key).pathname, error.error_code]] : [],
      ),
    ),
  };
}

test('the demo site is crawled completely, each page once, and ends exactly as it must', async () => {
  site = await startSite(INSTANTLY);
  await startWorker();
  const parentId = await manager.startCrawl({ seeds: [site.url] });
  const { completed, failed, skipped, total, outcomes, errorCodes } = site.expected;
  expect(await manager.ended(parentId)).toMatchObject({
    status: 'completed',
    total_children: total,
    pending_children: 0,
    running_children: 0,
    completed_children: completed,
    failed_children: failed,
    cancelled_children: 0,
    skipped_children: skipped,
  });
  expect(await outcomesOf(parentId)).toEqual({ outcomes, errorCodes });
  const hits = Object.fromEntries(Object.keys(outcomes).map((path) => [path, site.hitsOf(path)]));
  expect(hits).toEqual(
    Object.fromEntries(
      Object.entries(outcomes).map(([path, outcome]) => {
        if (path === '/status/repairs') return [path, 3];
        return [path, outcome === 'skipped' ? 0 : 1];
      }),
    ),
  );
  expect(site.hitsOf('/robots.txt')).toBe(1);
});

test('three workers share a crawl, and no page is fetched twice', async () => {
  site = await startSite(100);
  await Promise.all([startWorker(), startWorker(), startWorker()]);
  const parentId = await manager.startCrawl({ seeds: [site.url] });
  expect(await manager.ended(parentId)).toMatchObject({ completed_children: site.expected.completed });
  expect(site.hitsOf('/shop/')).toBe(1);
});

test('depth and number of pages are limited', async () => {
  site = await startSite(INSTANTLY);
  await startWorker();
  const seedOnly = await manager.startCrawl({ seeds: [site.url], limits: { max_depth: 0 } });
  expect(await manager.ended(seedOnly)).toMatchObject({ total_children: 1, completed_children: 1 });
  const few = await manager.startCrawl({ seeds: [site.url], limits: { max_pages: 20 } });
  expect(await manager.ended(few)).toMatchObject({ total_children: 20, pending_children: 0 });
});

test('work that comes to an idle worker is begun at once', async () => {
  site = await startSite(INSTANTLY);
  await startWorker();
  // A busy machine may be slow once; a worker that only asks on its own is slow each time.
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 5 && fastestMs >= 900; time += 1) {
    const asked = manager.asked('claim');
    // By then the worker asks once a second, and has just done so.
    await until(() => manager.asked('claim') >= asked + 6);
    const startedMs = performance.now();
    await manager.ended(await manager.startCrawl({ seeds: [site.url], limits: { max_depth: 0 } }));
    fastestMs = Math.min(fastestMs, performance.now() - startedMs);
  }
  expect(fastestMs).toBeLessThan(900);
});

test('at most so many requests at a time go to one host', async () => {
  site = await startSite(20);
  let most = 0;
  const worker = await startWorker({ WORKER_CONCURRENCY: 8, WORKER_HOST_CONCURRENCY: 2 });
  const parentId = await manager.startCrawl({ seeds: [site.url], limits: { max_pages: 40 } });
  const ended = manager.ended(parentId);
  watchers.add(() => {
    most = Math.max(most, site.openRequests());
  });
  await ended;
  expect(worker.port()).toBeGreaterThan(0);
  expect(most).toBe(2);
});

test('a manager that goes away and comes back costs time and nothing else', async () => {
  site = await startSite(20);
  await startWorker();
  const parentId = await manager.startCrawl({ seeds: [site.url] });
  await until(() => site.hitsOf('/shop/') > 0);
  manager.leave();
  await until(() => site.openRequests() === 0);
  manager.serve();
  const { total, completed, failed, skipped } = site.expected;
  expect(await manager.ended(parentId)).toMatchObject({
    total_children: total,
    completed_children: completed,
    failed_children: failed,
    skipped_children: skipped,
  });
});

test('a report that the manager stumbles over does not hold up the others', async () => {
  site = await startSite(INSTANTLY);
  await startWorker();
  let poisoned = '';
  let others = 0;
  manager.serve({
    report: async ({ reports }) => {
      poisoned ||= reports.at(-1)?.job_id ?? '';
      if (reports.some(({ job_id }) => job_id === poisoned) && others < 1) throw new Error('stumbled');
      others += 1;
      return {
        reports: reports.map(({ job_id, attempt }) => ({
          job_id,
          attempt,
          outcome: 'applied',
          status: 'completed',
        })),
      };
    },
  });
  await manager.startCrawl({
    seeds: ['shop/', 'journal/', 'guides/', 'about'].map((path) => `${site.url}${path}`),
  });
  await until(() => others >= 2);
  expect(others).toBeGreaterThanOrEqual(2);
});

test('a page whose claim is lost is dropped and not reported', async () => {
  site = await startSite(0.001);
  const reported: string[] = [];
  await startWorker({ WORKER_LEASE_MS: 1_000 });
  manager.serve({
    heartbeat: async ({ children }) => ({ lost: children.map(({ job_id }) => job_id) }),
    report: async ({ reports }) => {
      reported.push(...reports.map(({ job_id }) => job_id));
      return { reports: [] };
    },
  });
  await manager.startCrawl({ seeds: [site.url] });
  await until(() => site.openRequests() === 1);
  await until(() => site.openRequests() === 0);
  expect(reported).toEqual([]);
});

test('a worker that stops hands back what it cannot end, and another takes it', async () => {
  site = await startSite(0.001);
  const first = await startWorker({ WORKER_DRAIN_MS: 50 });
  const parentId = await manager.startCrawl({ seeds: [site.url], limits: { max_depth: 0 } });
  await until(() => site.openRequests() === 1);
  await first.stop();
  const [page] = await manager.children(parentId);
  expect(page).toMatchObject({ status: 'pending', attempt: 1, error: { error_code: 'worker_stopped' } });
  expect(site.openRequests()).toBe(0);
});

test('each page tells its timeline, also one that fails and one that is skipped', async () => {
  site = await startSite(INSTANTLY);
  const worker = await startWorker();
  const parentId = await manager.startCrawl({ seeds: [site.url] });
  await manager.ended(parentId);
  await worker.stop();
  const timelines = new Map<string, string[]>();
  for (const { job_id, key, status } of await manager.children(parentId)) {
    const { events } = await manager.store.listSteps(job_id);
    const words = events.map(({ step }) =>
      'success' in step ? `${step.event} ${step.success ? 'well' : 'badly'}` : step.event,
    );
    if (!timelines.has(status) || new URL(key).pathname === '/') timelines.set(status, words);
  }
  expect(Object.fromEntries(timelines)).toEqual({
    completed: ['pipeline_started', 'page_started', 'page_done well', 'extract_done', 'pipeline_done well'],
    failed: ['pipeline_started', 'page_started', 'page_done badly', 'pipeline_done badly'],
    skipped: ['pipeline_started', 'pipeline_done badly'],
  });
});

test('how far a page is can be seen while it is fetched', async () => {
  site = await startSite(0.001);
  await startWorker({ WORKER_DRAIN_MS: 50 });
  const parentId = await manager.startCrawl({ seeds: [site.url], limits: { max_depth: 0 } });
  await until(() => manager.asked('progress') > 0);
  expect(await manager.children(parentId)).toMatchObject([
    { status: 'running', progress_percentage: 10, progress_stage: 'fetching' },
  ]);
});

test('a crawl that is cancelled breaks off what is being fetched', async () => {
  site = await startSite(0.001);
  await startWorker({ WORKER_LEASE_MS: 600_000 });
  const parentId = await manager.startCrawl({ seeds: [site.url], limits: { max_depth: 0 } });
  await until(() => site.openRequests() === 1);
  await manager.command(parentId, 'cancel');
  await until(() => site.openRequests() === 0);
  expect(await manager.ended(parentId)).toMatchObject({ status: 'cancelled', cancelled_children: 1 });
});

test('health and metrics are served', async () => {
  site = await startSite(INSTANTLY);
  const worker = await startWorker();
  await manager.ended(await manager.startCrawl({ seeds: [site.url], limits: { max_depth: 0 } }));
  const get = (path: string) => fetch(`http://127.0.0.1:${worker.port()}${path}`);
  expect((await get('/health/live')).status).toBe(200);
  expect((await get('/health/ready')).status).toBe(200);
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toMatch(/crawl_pages_total\{status="completed",code="none",.*\} 1/);
  expect(metrics).toContain('crawl_visit_seconds_bucket');
});
