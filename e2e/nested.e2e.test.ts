import type { ChildView } from '@progeny/contract';
import { progressText } from '@progeny/core';
import { type DemoSite, startDemoSite } from '@progeny/demo-site';
import { ask, countRows } from './ledger.ts';
import { type Product, serveProduct } from './product.ts';
import { faultsOf, type Viewer, viewJob } from './viewer.ts';

jest.setTimeout(180_000);

let product: Product;
let site: DemoSite;
const viewers: Viewer[] = [];

beforeAll(async () => {
  product = await serveProduct([], { REAP_INTERVAL_MS: '500', AUDIT_INTERVAL_MS: '1000' });
  site = await startDemoSite();
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(async () => {
  await site?.close();
  await product?.stop();
});

async function post(path: string, body: object = {}) {
  const response = await fetch(`${product.pageUrl.replace(/\/$/, '')}/v1/jobs${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
}
const keys = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `${at}` }));
const create = async (body: object): Promise<string> => (await post('', body)).job_id;
const within = (parent_id: string, key: string, body: object) => create({ ...body, parent_id, key });
const crawlWithin = (outerId: string) =>
  within(outerId, 'crawl', { type: 'crawl', seeds: [site.url], limits: { max_pages: 40 } });

async function childrenOf(parentId: string): Promise<ChildView[]> {
  const response = await fetch(
    `${product.pageUrl.replace(/\/$/, '')}/v1/jobs/${parentId}/children?limit=200`,
  );
  return (await response.json()).children;
}
/** Of plain children; what is a parent gets its status from its own. */
async function report(parentId: string, status: 'failed' | 'completed'): Promise<void> {
  const plain = (await childrenOf(parentId)).filter(({ is_parent }) => !is_parent);
  const { reports } = await post('/status', {
    reports: plain.map(({ job_id, attempt }) => ({ job_id, status, attempt: Math.max(1, attempt) })),
  });
  expect(reports.every(({ outcome }: { outcome: string }) => outcome === 'applied')).toBe(true);
}
const watch = (jobId: string): Viewer => {
  const viewer = viewJob(`${product.urlOf('ws-gateway').replace('http', 'ws')}/ws`, jobId);
  viewers.push(viewer);
  return viewer;
};
const textOf = async (jobId: string) => progressText(await countRows(product.databaseUrl, jobId));
const lastOf = ({ connections }: Viewer) => connections.flatMap(({ progress }) => progress).at(-1);

test('the counts of the outer parent are what SQL says, and its commands reach the grandchildren', async () => {
  const outerId = await create({ type: 'custom', name: 'All of it', children: [{ key: 'plain' }] });
  const crawlId = await crawlWithin(outerId);
  const customId = await within(outerId, 'custom', { type: 'custom', sealed: true, children: keys(2) });
  await post(`/${outerId}/seal`);
  const [outer, crawl, custom] = [watch(outerId), watch(crawlId), watch(customId)];

  await crawl.until(({ completed_children }) => completed_children > 2);
  await post(`/${outerId}/pause`);
  for (const viewer of [outer, crawl, custom]) await viewer.until(({ status }) => status === 'paused');
  await crawl.until(
    ({ status, pending_children, running_children }) =>
      status === 'paused' && pending_children > 0 && running_children === 0,
  );
  expect(lastOf(outer)).toMatchObject({ total_children: 3, parent_id: null });
  await post(`/${outerId}/resume`);

  for (const parentId of [outerId, customId]) await report(parentId, 'failed');
  await Promise.all([outer, crawl, custom].map((viewer) => viewer.ended()));
  for (const [viewer, jobId, status] of [
    [outer, outerId, 'completed'],
    [crawl, crawlId, 'completed'],
    [custom, customId, 'failed'],
  ] as const) {
    expect(lastOf(viewer)).toMatchObject({ status, progress_text: await textOf(jobId) });
    expect(faultsOf(viewer)).toEqual([]);
  }
  expect(lastOf(outer)).toMatchObject({ completed_children: 1, failed_children: 2 });

  // It has ended: what it is told from here on is of its next run.
  const [again, innerAgain] = [watch(outerId), watch(customId)];
  await post(`/${outerId}/retry-failed`);
  await again.until(({ status, failed_children }) => status === 'running' && failed_children === 0);
  await innerAgain.until(({ status, pending_children }) => status === 'running' && pending_children === 2);
  const [, crawled, retried] = await childrenOf(outerId);
  expect([crawled?.run, retried?.run]).toEqual([1, 2]);
  for (const parentId of [customId, outerId]) await report(parentId, 'completed');
  await again.until(({ status, completed_children }) => status === 'completed' && completed_children === 3);
  expect(await textOf(outerId)).toBe('0 pending, 0 running, 3 completed, 0 failed');
  const statuses = again.connections.flatMap(({ progress }) => progress).map(({ status }) => status);
  const changes = statuses.filter((status, at) => status !== statuses[at - 1]);
  expect(changes.slice(changes.indexOf('running'))).toEqual(['running', 'completed']);
});

test('a cancel of the outer reaches every grandchild though the manager dies in the midst of it', async () => {
  const outerId = await create({ type: 'custom', children: keys(10_000) });
  const crawlId = await crawlWithin(outerId);
  const customId = await within(outerId, 'custom', { type: 'custom', children: keys(2_000) });
  const jobIds = [outerId, crawlId, customId];
  const [outer, crawl, custom] = [watch(outerId), watch(crawlId), watch(customId)];
  await crawl.until(({ running_children }) => running_children > 0);

  await post(`/${outerId}/cancel`);
  process.kill(product.pidOf('manager'), 'SIGKILL');
  expect(await openOf(jobIds)).toBeGreaterThan(0);

  await Promise.all([outer, crawl, custom].map((viewer) => viewer.ended()));
  expect(await openOf(jobIds)).toBe(0);
  for (const [viewer, jobId] of [
    [outer, outerId],
    [crawl, crawlId],
    [custom, customId],
  ] as const) {
    expect(lastOf(viewer)).toMatchObject({ status: 'cancelled', progress_text: await textOf(jobId) });
    expect(faultsOf(viewer)).toEqual([]);
  }
  expect(lastOf(outer)).toMatchObject({ total_children: 10_002, cancelled_children: 10_002 });
});

/** Children of these that have not ended. */
async function openOf(parentIds: readonly string[]): Promise<number> {
  const [row] = await ask<{ open: number }>(
    product.databaseUrl,
    'SELECT count(*)::int AS open FROM job WHERE parent_id = ANY ($1::uuid[]) AND finished_at IS NULL',
    [parentIds],
  );
  return row?.open ?? 0;
}
