import { type DemoSite, startDemoSite } from './index.ts';

let site: DemoSite;
beforeEach(async () => {
  site = await startDemoSite({ speed: Number.POSITIVE_INFINITY });
});
afterEach(() => site.close());

const get = (path: string) => fetch(new URL(path, site.url), { redirect: 'manual' });

/** A naive crawler: everything that a link leads to, robots ignored. */
async function reachablePaths(): Promise<Set<string>> {
  const seen = new Set(['/']);
  for (const path of seen) {
    const response = await get(path);
    const location = response.headers.get('location');
    const html = response.headers.get('content-type')?.startsWith('text/html') ? await response.text() : '';
    const hrefs = location
      ? [location]
      : [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href ?? '');
    for (const href of hrefs) {
      const target = new URL(href, new URL(path, site.url));
      if (target.origin === new URL(site.url).origin) seen.add(target.pathname.replaceAll('%73', 's'));
    }
  }
  return seen;
}

test('what is expected is exactly what can be reached from the front page', async () => {
  const reached = await reachablePaths();
  // The flaky page links nowhere new, so that its first failure hides nothing.
  expect([...reached].sort()).toEqual(Object.keys(site.expected.outcomes).sort());
});

test('the buckets add up to about 120 pages', () => {
  const { total, completed, failed, skipped } = site.expected;
  expect(completed + failed + skipped).toBe(total);
  expect({ total, completed, failed, skipped }).toEqual({
    total: expect.any(Number),
    completed: total - 10,
    failed: 7,
    skipped: 3,
  });
  expect(total).toBeGreaterThanOrEqual(110);
  expect(total).toBeLessThanOrEqual(130);
});

test('the flaky page fails twice and then works', async () => {
  const statuses = [];
  for (let hit = 1; hit <= 4; hit += 1) statuses.push((await get('/status/repairs')).status);
  expect(statuses).toEqual([503, 503, 200, 200]);
  expect(site.hitsOf('/status/repairs')).toBe(4);
});

test('two starts serve the same bytes', async () => {
  const other = await startDemoSite({ speed: Number.POSITIVE_INFINITY });
  const bodies = await Promise.all(
    [site, other].map(async ({ url }) => (await fetch(new URL('/shop/packs/curlew-trek-42', url))).text()),
  );
  await other.close();
  expect(bodies[0]).toContain('Curlew Trek 42');
  expect(bodies[0]).toBe(bodies[1]);
});

test('a port that is taken is an error', async () => {
  await expect(startDemoSite({ port: Number(new URL(site.url).port) })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
