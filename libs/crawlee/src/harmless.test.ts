import type { ParentReporter, Reporter } from '@progeny/reporter';
import fc from 'fast-check';
import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter } from './fixture-reporter.ts';

const refuse = (): never => {
  throw new Error('no such thing');
};

test.each<[string, Partial<Reporter>]>([
  ['a reporter that gives no parent', { parent: refuse }],
  [
    'a parent that throws at everything',
    {
      parent: () => {
        const { addChild, status, progress, seal } = {
          ...{ addChild: refuse, status: refuse, progress: refuse, seal: refuse },
        };
        return { addChild, status, progress, seal, jobId: Promise.resolve('') } satisfies ParentReporter;
      },
    },
  ],
])('%s does the crawl no harm', async (_, broken) => {
  const handled: string[] = [];
  const crawler = createCrawler({
    requestHandler: async ({ request, enqueueLinks }) => {
      if (request.url === pageUrl('bad')) throw new Error('bad');
      await enqueueLinks({ urls: [pageUrl('b')] });
      handled.push(request.url);
    },
  });
  attachCrawlee(crawler, { reporter: { ...createFixtureReporter(), ...broken } });
  const statistics = await crawler.run([pageUrl('a'), pageUrl('bad')]);
  expect(statistics).toMatchObject({ requestsFinished: 2, requestsFailed: 1 });
  expect(handled).toEqual([pageUrl('a'), pageUrl('b')]);
});

test.each(['run', '_init', '_runRequestHandler', '_requestFunctionErrorHandler', 'handleSkippedRequest'])(
  'a crawler that has no %s is refused when it is attached, and can run',
  async (name) => {
    const crawler = createCrawler({ requestHandler: async () => {} });
    const gone = Object.create(crawler, { [name]: { value: undefined } });
    expect(() => attachCrawlee(gone, { reporter: createFixtureReporter() })).toThrow(
      expect.objectContaining({ code: 'unsupported_crawler', message: expect.stringContaining(name) }),
    );
    expect(await crawler.run([pageUrl('a')])).toMatchObject({ requestsFinished: 1 });
  },
);

test('the handlers of the user are called as ever, with what they always got', async () => {
  const called: unknown[] = [];
  const crawler = createCrawler({
    maxRequestRetries: 1,
    maxCrawlDepth: 0,
    errorHandler: async ({ request }, error) =>
      void called.push(['error', request.retryCount, error.message]),
    failedRequestHandler: async ({ request }, error) =>
      void called.push(['failed', request.retryCount, error.message]),
    onSkippedRequest: (skipped) => void called.push(skipped),
  });
  attachCrawlee(crawler, { reporter: createFixtureReporter() });
  crawler.router.addDefaultHandler(async ({ enqueueLinks }) => {
    await enqueueLinks({ urls: [pageUrl('deep')] });
    throw new Error('bad');
  });
  crawler.router.addHandler('LIST', async ({ request }) => void called.push(request.label));
  await crawler.run([pageUrl('a')]);
  expect(called).toEqual([
    { url: pageUrl('deep'), reason: 'depth' },
    ['error', 0, 'bad'],
    { url: pageUrl('deep'), reason: 'depth' },
    ['failed', 1, 'bad'],
  ]);
  called.length = 0;
  await crawler.run([{ url: pageUrl('a'), label: 'LIST' }]);
  expect(called).toEqual(['LIST']);
});

/** Of one request: how often it fails, and where its links lead. */
const siteArbitrary = fc.array(
  fc.record({ failures: fc.nat(4), links: fc.array(fc.nat(9), { maxLength: 4 }) }),
  { minLength: 10, maxLength: 10 },
);

test('whatever fails and links to whatever, the children end as the statistics of Crawlee say', async () => {
  await fc.assert(
    fc.asyncProperty(siteArbitrary, fc.integer({ min: 1, max: 4 }), async (site, maxConcurrency) => {
      const reporter = createFixtureReporter();
      const crawler = createCrawler({
        maxConcurrency,
        requestHandler: async ({ request, enqueueLinks }) => {
          const page = site[Number(new URL(request.url).pathname.slice(1))];
          await enqueueLinks({ urls: (page?.links ?? []).map(pageUrl) });
          if (request.retryCount < (page?.failures ?? 0)) throw new Error('busy');
        },
      });
      attachCrawlee(crawler, { reporter });
      const { requestsFinished, requestsFailed, requestsTotal } = await crawler.run([pageUrl(0)]);
      const [parent] = reporter.parents;
      const { completed = 0, failed = 0, ...others } = parent?.counts() ?? {};
      expect({ completed, failed, others }).toEqual({
        completed: requestsFinished,
        failed: requestsFailed,
        others: {},
      });
      expect(parent?.children.size).toBe(requestsTotal);
      expect(reporter.faults).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 60_000);
