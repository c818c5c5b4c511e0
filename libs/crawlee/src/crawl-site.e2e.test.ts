import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DemoSite, startDemoSite } from '@progeny/demo-site';
import { type Consumer, createConsumer, type Script } from './testing/consumer.ts';
import { type Progeny, startProgeny } from './testing/progeny.ts';
import { childrenOf, type Seen, watchParent } from './testing/watch-parent.ts';

jest.setTimeout(180_000);

const EXAMPLE = path.resolve(__dirname, '../examples/crawl-site.mjs');

let progeny: Progeny;
let consumer: Consumer;
let site: DemoSite;
let script: Script | undefined;
let onTraffic = () => {};

beforeAll(async () => {
  [progeny, consumer] = await Promise.all([startProgeny(), createConsumer()]);
  copyFileSync(EXAMPLE, path.join(consumer.folder, 'crawl-site.mjs'));
  // The crawl gets no further than its first pages before the parent stands.
  const held = readFileSync(EXAMPLE, 'utf8').replace(
    'await enqueueLinks();',
    'await enqueueLinks();\n      await progress.parent()?.jobId;',
  );
  writeFileSync(path.join(consumer.folder, 'held.mjs'), held);
  const small = held.replace('{ url: manager,', '{ url: manager, maxBuffered: 40,');
  const loss = "\nconsole.log('lost ' + reporter.counters.lost);\n";
  writeFileSync(path.join(consumer.folder, 'small-buffer.mjs'), small + loss);
});
beforeEach(async () => {
  site = await startDemoSite({ speed: 25, onTraffic: () => onTraffic() });
});
afterEach(async () => {
  script?.kill();
  onTraffic = () => {};
  await site.close();
});
afterAll(async () => {
  consumer?.remove();
  await progeny?.stop();
});

/** Resolves when the site was asked so often. */
const requests = (count: number) =>
  new Promise<void>((resolve) => {
    let seen = 0;
    onTraffic = () => {
      seen += 1;
      if (seen >= count) resolve();
    };
  });

interface Statistics {
  requestsFinished: number;
  requestsFailed: number;
  /** At each index how many requests took so many retries. */
  retryHistogram: (number | null)[];
}
const startCrawl = (name = 'crawl-site.mjs') => {
  script = consumer.start(name, site.url, progeny.managerUrl);
  return script;
};
const jobOf = async (crawl: Script) => (await crawl.line('job ')).slice('job '.length);
const statisticsOf = async (crawl: Script): Promise<Statistics> => JSON.parse(await crawl.line('{'));

/** What Crawlee says of its run is what Progeny says of the parent. */
async function expectSame(jobId: string, last: Seen | undefined, statistics: Statistics) {
  expect(last).toMatchObject({
    status: 'completed',
    completed_children: statistics.requestsFinished,
    failed_children: statistics.requestsFailed,
    pending_children: 0,
    running_children: 0,
    cancelled_children: 0,
    skipped_children: site.expected.skipped,
  });
  const children = await childrenOf(progeny.managerUrl, jobId);
  expect(children).toHaveLength(last?.total_children ?? -1);
  expect(new Set(children.map(({ key }) => key)).size).toBe(children.length);
  return Object.fromEntries(children.map((child) => [new URL(child.key).pathname, child]));
}

test('a crawl of a site is seen while it runs, and ends as Crawlee counted it', async () => {
  const crawl = startCrawl();
  const jobId = await jobOf(crawl);
  const seen = await watchParent(progeny.managerUrl, jobId);
  const statistics = await statisticsOf(crawl);
  expect(await crawl.ended).toBe(0);

  const completed = seen.map(({ completed_children }) => completed_children);
  expect(new Set(seen.map(({ progress_text }) => progress_text)).size).toBeGreaterThan(5);
  expect(completed).toEqual([...completed].sort((one, other) => one - other));
  expect(
    seen.some(({ running_children, pending_children }) => running_children > 0 && pending_children > 0),
  ).toBe(true);

  const pages = await expectSame(jobId, seen.at(-1), statistics);
  const retries = statistics.retryHistogram.reduce<number>(
    (sum, count, index) => sum + index * (count ?? 0),
    0,
  );
  const tried = Object.values(pages).filter(({ attempt, status }) => attempt > 0 && status !== 'skipped');
  expect(tried.reduce((sum, { attempt }) => sum + attempt - 1, 0)).toBe(retries);

  expect(pages['/']).toMatchObject({
    status: 'completed',
    attempt: 1,
    progress_percentage: 100,
    payload: { url: site.url, depth: 0 },
    result: { http_status: 200, title: expect.stringContaining('Larkfield'), loaded_url: site.url },
  });
  expect(pages['/status/repairs']).toMatchObject({ status: 'completed', attempt: 3 });
  expect(pages['/sale/summer']).toMatchObject({
    status: 'completed',
    result: { http_status: 200, loaded_url: new URL('/shop/', site.url).href },
  });
  expect(pages['/contact/shop-finder']).toMatchObject({
    status: 'failed',
    attempt: 4,
    error: { error_code: 'http_404', technical_detail: expect.stringContaining('404') },
  });
  expect(pages['/files/catalogue-print.zip']).toMatchObject({
    status: 'failed',
    attempt: 1,
    error: { error_code: 'request_failed', technical_detail: expect.stringContaining('application/zip') },
  });
  expect(pages['/staff/rota']).toMatchObject({
    status: 'skipped',
    error: { error_code: 'robots_disallowed' },
  });
});

async function crawlThroughOutage(crawl: Script): Promise<void> {
  await requests(30);
  await progeny.killManager();
  const jobId = await jobOf(crawl);
  const statistics = await statisticsOf(crawl);
  await progeny.startManager();
  const seen = await watchParent(progeny.managerUrl, jobId);
  expect(await crawl.ended).toBe(0);
  await expectSame(jobId, seen.at(-1), statistics);
}

test('the manager killed in the middle neither stops nor fails a crawl, and all is told after', async () => {
  await crawlThroughOutage(startCrawl('held.mjs'));
});

test('also what had to be dropped meanwhile because the buffer was full', async () => {
  const crawl = startCrawl('small-buffer.mjs');
  const lost = crawl.line('lost ');
  await crawlThroughOutage(crawl);
  expect(Number((await lost).slice('lost '.length))).toBeGreaterThan(0);
});
