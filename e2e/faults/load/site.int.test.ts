import { pageOf, startSite } from './site.ts';

test('counts what is fetched, and links to pages that exist', async () => {
  const site = await startSite(1);
  try {
    const seed = site.seedOf(1);
    const text = await (await fetch(seed)).text();
    const links = site.linksOf(seed);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) expect(text).toContain(new URL(link).pathname);
    await fetch(seed);
    expect(site.hits.get(seed)).toBe(2);
    expect((await fetch(new URL('/robots.txt', seed))).status).toBe(404);
    expect(site.hits.size).toBe(1);
  } finally {
    await site.close();
  }
});

test('some pages fail, some fail twice and then work, some are slow', async () => {
  const paths = Array.from({ length: 300 }, (_, crawl) => `/crawl-${crawl}/0.1`);
  const kinds = new Map(paths.map((path) => [pageOf(1, path)?.kind, path]));
  expect(new Set(kinds.keys())).toEqual(new Set(['plain', 'slow', 'missing', 'fails twice']));
  const site = await startSite(1);
  try {
    const statuses = async (path: string | undefined) => {
      const url = new URL(path ?? '', site.seedOf(1));
      return [await fetch(url), await fetch(url), await fetch(url)].map(({ status }) => status);
    };
    expect(await statuses(kinds.get('fails twice'))).toEqual([503, 503, 200]);
    expect(await statuses(kinds.get('missing'))).toEqual([404, 404, 404]);
  } finally {
    await site.close();
  }
});
