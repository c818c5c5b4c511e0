import { CriticalError } from '@crawlee/basic';
import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter, type FixtureReporter, type SaidParent } from './fixture-reporter.ts';

let reporter: FixtureReporter;
beforeEach(() => {
  reporter = createFixtureReporter();
});
afterEach(() => {
  expect(reporter.faults).toEqual([]);
});

const only = (): SaidParent => {
  const [parent, ...more] = reporter.parents;
  expect(more).toEqual([]);
  if (!parent) throw new Error('there is no parent');
  return parent;
};
const child = (name: string, parent = only()) => parent.children.get(pageUrl(name));

test('a second run is a parent of its own', async () => {
  const crawler = createCrawler({ requestHandler: async () => {} });
  const attached = attachCrawlee(crawler, { reporter, name: 'Shop' });
  expect(attached.parent()).toBeNull();
  await crawler.run([pageUrl('a')]);
  await crawler.run([pageUrl('a'), pageUrl('b')]);
  expect(reporter.parents.map(({ options, isSealed }) => [options.name, isSealed])).toEqual([
    ['Shop', true],
    ['Shop (run 2)', true],
  ]);
  expect(reporter.parents.map((parent) => parent.counts())).toEqual([{ completed: 1 }, { completed: 2 }]);
  const [first, second] = reporter.parents.map(({ options }) => options.idempotencyKey);
  expect(first).not.toBe(second);
  expect(attached.parent()).toBe(reporter.parents[1]?.reporter);
});

test('what waits in a later run is seen as in the first, though Crawlee has opened another queue', async () => {
  const seen: (Record<string, number> | undefined)[] = [];
  const crawler = createCrawler({
    maxConcurrency: 1,
    requestHandler: async () => void seen.push(reporter.parents.at(-1)?.counts()),
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  await crawler.run([pageUrl('a'), pageUrl('b')]);
  expect(seen[1]).toEqual({ running: 1, pending: 1 });
});

test.each([
  ['this process', false],
  ['another', true],
])(
  'what the queue has from an earlier run of %s and does not give out again is no child',
  async (_, isAnother) => {
    const crawler = createCrawler({ requestHandler: async () => {} });
    attachCrawlee(crawler, { reporter });
    await crawler.run([pageUrl('a')]);
    // What it has seen itself a queue does not even ask its storage for.
    const queue = (await crawler.getRequestQueue()) as unknown as { _reset(): void };
    if (isAnother) queue._reset();
    await crawler.run([pageUrl('a'), pageUrl('b')], { purgeRequestQueue: false });
    expect([...(reporter.parents[1]?.children.keys() ?? [])]).toEqual([pageUrl('b')]);
  },
);

test('what the second run takes over from the first is a child of both', async () => {
  const crawler = createCrawler({ maxConcurrency: 1, requestHandler: async () => crawler.stop() });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a'), pageUrl('b')]);
  await crawler.run(undefined, { purgeRequestQueue: false });
  expect(reporter.parents.map((parent) => parent.counts())).toEqual([
    { completed: 1, cancelled: 1 },
    { completed: 1 },
  ]);
});

test('a run that is refused because one is on changes nothing', async () => {
  const crawler = createCrawler({
    requestHandler: async () => {
      await expect(crawler.run()).rejects.toThrow('already running');
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run([pageUrl('a')]);
  expect(only().counts()).toEqual({ completed: 1 });
});

test('an error that ends the crawl reaches whoever ran it; its request failed and the rest is cancelled', async () => {
  const error = new CriticalError('the disk is full');
  const crawler = createCrawler({
    maxConcurrency: 1,
    requestHandler: async () => {
      throw error;
    },
  });
  attachCrawlee(crawler, { reporter });
  await expect(crawler.run([pageUrl('a'), pageUrl('b')])).rejects.toBe(error);
  expect(only().isSealed).toBe(true);
  expect(child('a')?.last).toMatchObject({ status: 'failed', error: { error_code: 'handler_failed' } });
  expect(child('b')?.last).toMatchObject({ status: 'cancelled', error: { error_code: 'crawl_failed' } });
});
