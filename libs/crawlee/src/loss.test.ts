import { attachCrawlee } from './attach-crawlee.ts';
import { createCrawler, pageUrl } from './fixture-crawler.ts';
import { createFixtureReporter } from './fixture-reporter.ts';

const turn = () => new Promise(setImmediate);

test('what the reporter gave up is said again when the manager is back, and only then the parent is sealed', async () => {
  const reporter = createFixtureReporter();
  const crawler = createCrawler({
    maxConcurrency: 1,
    maxRequestRetries: 0,
    requestHandler: async ({ request }) => {
      const [parent] = reporter.parents;
      if (!parent) throw new Error('there is no parent');
      if (request.url === pageUrl('b')) throw new Error('bad');
      if (request.url !== pageUrl('c')) return;
      reporter.setOnline(false);
      reporter.lose(parent, [...parent.children.keys()]);
    },
  });
  const attached = attachCrawlee(crawler, { reporter });
  await crawler.run(['a', 'b', 'c', 'd'].map(pageUrl));
  const [parent] = reporter.parents;
  expect(parent?.counts()).toEqual({ completed: 2 });
  expect(parent?.isSealed).toBe(false);
  expect(await attached.flush(0)).toBe(false);

  reporter.setOnline(true);
  expect(await attached.flush(10_000)).toBe(true);
  expect(parent?.counts()).toEqual({ completed: 3, failed: 1 });
  expect(parent?.isSealed).toBe(true);
  expect(parent?.children.get(pageUrl('b'))?.last?.error?.error_code).toBe('handler_failed');
  expect(reporter.faults).toEqual([]);
});

test('what is lost while the crawl runs is said again in the middle of it', async () => {
  const reporter = createFixtureReporter();
  const seen: Record<string, number>[] = [];
  const crawler = createCrawler({
    maxConcurrency: 1,
    requestHandler: async ({ request }) => {
      const [parent] = reporter.parents;
      if (!parent || request.url !== pageUrl('b')) return;
      reporter.lose(parent, [...parent.children.keys()]);
      await turn();
      seen.push(parent.counts());
    },
  });
  attachCrawlee(crawler, { reporter });
  await crawler.run(['a', 'b', 'c'].map(pageUrl));
  expect(seen).toEqual([{ completed: 1, running: 1, pending: 1 }]);
  expect(reporter.parents[0]?.counts()).toEqual({ completed: 3 });
  expect(reporter.parents[0]?.isSealed).toBe(true);
});

test('a run that is on has not been taken', async () => {
  const answers: boolean[] = [];
  const crawler = createCrawler({ requestHandler: async () => void answers.push(await attached.flush(0)) });
  const attached = attachCrawlee(crawler, { reporter: createFixtureReporter() });
  await crawler.run([pageUrl('a')]);
  expect([...answers, await attached.flush(0)]).toEqual([false, true]);
});
