import { setTimeout as delay } from 'node:timers/promises';
import { progressText } from '@progeny/core';
import { type DemoSite, startDemoSite } from '@progeny/demo-site';
import { collectComplaints, launchBrowser, openPage } from './browser.ts';
import { ask, countRows } from './ledger.ts';
import { type Product, serveProduct } from './product.ts';
import { faultsOf, type Viewer, viewJob } from './viewer.ts';

jest.setTimeout(180_000);

const SERVICES = ['manager', 'parent-executor', 'ws-gateway', 'crawl-worker'];
const SECONDS = SERVICES.map((service) => `${service}-2`);
const ENDS = ['JOB_COMPLETED', 'JOB_FAILED', 'JOB_CANCELLED'];

let product: Product;
let site: DemoSite;
const frozen = new Set<number>();
let viewers: Viewer[] = [];

beforeAll(async () => {
  product = await serveProduct(['--replicas', SERVICES.map((service) => `${service}=2`).join(',')], {
    WORKER_LEASE_MS: '5000',
    REAP_INTERVAL_MS: '500',
    POLL_INTERVAL_MS: '3000',
    AUDIT_INTERVAL_MS: '1000',
  });
});
beforeEach(async () => {
  site = await startDemoSite();
});
afterEach(async () => {
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  frozen.clear();
  for (const viewer of viewers.splice(0)) viewer.close();
  await site.close();
});
afterAll(async () => {
  await product?.stop();
});

function freeze(service: string): void {
  const pid = product.pidOf(service);
  process.kill(pid, 'SIGSTOP');
  frozen.add(pid);
}
function thaw(...services: string[]): void {
  for (const pid of services.map(product.pidOf)) {
    process.kill(pid, 'SIGCONT');
    frozen.delete(pid);
  }
}

async function startCrawl(managerUrl: string): Promise<string> {
  const response = await fetch(`${managerUrl}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'crawl', seeds: [site.url] }),
  });
  expect(response.status).toBe(201);
  return (await response.json()).job_id;
}

/** Rows and processes tell nobody that they have changed. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(50);
}

const isReady = async (service: string): Promise<boolean> => {
  const url = `${product.urlOf(service)}/health/ready`;
  return await fetch(url, { signal: AbortSignal.timeout(3_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
};

interface Held {
  id: string;
  attempt: number;
  lease_owner: string;
}
const heldPages = (jobId: string) =>
  ask<Held>(
    product.databaseUrl,
    "SELECT id, attempt, lease_owner FROM job WHERE parent_id = $1 AND status = 'running'",
    [jobId],
  );

/** Of these, the pages that nobody has been given anew. What a frozen transaction holds is left out: it stays till the thaw. */
async function stillHeld(held: readonly Held[]): Promise<number> {
  const rows = await ask(
    product.databaseUrl,
    `SELECT 1 FROM job JOIN unnest($1::uuid[], $2::int[]) AS held (id, attempt) USING (id, attempt)
     WHERE job.status IN ('pending', 'running') FOR UPDATE OF job SKIP LOCKED`,
    [held.map(({ id }) => id), held.map(({ attempt }) => attempt)],
  );
  return rows.length;
}

async function sumOfMetric(name: string, services: readonly string[]): Promise<number> {
  const counts = services.map(async (service) => {
    const text = await (await fetch(`${product.urlOf(service)}/metrics`)).text();
    const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text) ?? [];
    if (value === undefined) throw new Error(`${service} has no ${name}`);
    return Number(value);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

test('a crawl is exact though of each service one replica was killed and the other frozen meanwhile', async () => {
  const jobId = await startCrawl(product.urlOf('manager'));
  viewers = ['ws-gateway', 'ws-gateway-2'].map((gateway) =>
    viewJob(`${product.urlOf(gateway).replace('http', 'ws')}/ws`, jobId),
  );
  const underWay = viewers.map((viewer) =>
    viewer.until(
      ({ running_children, completed_children }) => running_children > 8 && completed_children > 9,
    ),
  );
  await Promise.all(underWay);

  for (const service of SECONDS) freeze(service);
  for (const service of SERVICES) process.kill(product.pidOf(service), 'SIGKILL');
  const held = await heldPages(jobId);
  expect(new Set(held.map(({ lease_owner }) => lease_owner)).size).toBe(2);
  // Half of what workers ask for goes to the frozen manager, and is late when that wakes.
  await until(() => isReady('manager'));
  thaw('manager-2');
  await until(async () => (await stillHeld(held)) === 0);
  thaw('parent-executor-2', 'ws-gateway-2', 'crawl-worker-2');

  await Promise.all(viewers.map((viewer) => viewer.ended()));
  await Promise.all([...SERVICES, ...SECONDS].map((service) => until(() => isReady(service))));
  await Promise.all(viewers.map((viewer) => viewer.flushed()));

  const rows = await countRows(product.databaseUrl, jobId);
  const { total, skipped } = site.expected;
  expect(rows).toMatchObject({ pending: 0, running: 0, cancelled: 0, skipped });
  expect(rows.completed + rows.failed + rows.skipped).toBe(total);
  const lost = await ask(
    product.databaseUrl,
    "SELECT key FROM job WHERE parent_id = $1 AND error ->> 'error_code' = 'lease_expired'",
    [jobId],
  );
  expect(lost).toEqual([]);
  for (const viewer of viewers) {
    expect(faultsOf(viewer)).toEqual([]);
    const last = viewer.connections.at(-1);
    expect(last?.progress.at(-1)).toMatchObject({ status: 'completed', progress_text: progressText(rows) });
    expect(last?.lifecycle.filter(({ type }) => ENDS.includes(type))).toHaveLength(1);
  }
  expect(viewers[0]?.connections.length).toBeGreaterThan(1);
  const ends = await ask(
    product.databaseUrl,
    'SELECT type FROM lifecycle_event WHERE job_id = $1 AND type = ANY ($2)',
    [jobId, ENDS],
  );
  expect(ends).toEqual([{ type: 'JOB_COMPLETED' }]);
  expect(await sumOfMetric('progress_drift_total', ['parent-executor', 'parent-executor-2'])).toBe(0);
});

test('every page shows the same crawl, each over a gateway of its own', async () => {
  const browser = await launchBrowser();
  const jobId = await startCrawl(product.urlOf('manager-2'));
  const watched = ['manager', 'manager-2'].map(async (manager) => {
    const page = await openPage(browser);
    const complaints = collectComplaints(page);
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`${product.urlOf(manager)}/jobs/${jobId}`);
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
    await page.locator('[data-testid="job-status"][data-status="completed"]').waitFor({ timeout: 60_000 });
    const text = await page.getByTestId('progress-text').textContent();
    return { text, complaints, sockets };
  });
  const seen = await Promise.all(watched);
  const text = progressText(await countRows(product.databaseUrl, jobId));
  expect(seen).toEqual(
    ['ws-gateway', 'ws-gateway-2'].map((gateway) => ({
      text,
      complaints: [],
      sockets: [`${product.urlOf(gateway).replace('http', 'ws')}/ws`],
    })),
  );
  await browser.close();
});
