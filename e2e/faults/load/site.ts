import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRandom } from '../random.ts';

/** A site that is a tree of links for each crawl, and that counts what is fetched: the side effects of the load. */
export interface Site {
  /** Where crawl number `crawl` starts. */
  seedOf(crawl: number): string;
  /** The links on a page; none of one that fails. */
  linksOf(url: string): string[];
  /** How often each URL was asked for. */
  readonly hits: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

type PageKind = 'plain' | 'slow' | 'missing' | 'fails twice';

interface Page {
  kind: PageKind;
  waitMs: number;
  links: string[];
}

const DEPTH = 3;
const FAILING_TRIES = 2;

export async function startSite(seed: number): Promise<Site> {
  const hits = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const url = `${base()}${path}`;
    const page = pageOf(seed, path);
    if (page === null) return void response.writeHead(404).end();
    const hit = (hits.get(url) ?? 0) + 1;
    hits.set(url, hit);
    const fails = page.kind === 'fails twice' && hit <= FAILING_TRIES;
    if (page.kind === 'missing' || fails) {
      return void response.writeHead(fails ? 503 : 404, { 'content-type': 'text/plain' }).end('no');
    }
    const links = page.links.map((link) => `<a href="${link}">${link}</a>`).join('\n');
    const text = `<!doctype html><title>${path}</title><body>${links}</body>`;
    setTimeout(() => response.writeHead(200, { 'content-type': 'text/html' }).end(text), page.waitMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = () => `http://127.0.0.1:${port}`;
  return {
    seedOf: (crawl) => `${base()}/crawl-${crawl}/0`,
    linksOf: (url) => pageOf(seed, new URL(url).pathname)?.links.map((link) => `${base()}${link}`) ?? [],
    hits,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The page of a path such as `/crawl-3/0.1.4`; null for a path of another form, robots.txt among them. */
export function pageOf(seed: number, path: string): Page | null {
  const [, crawl, trail] = /^\/(crawl-\d+)\/(\d+(?:\.\d+)*)$/.exec(path) ?? [];
  if (!crawl || !trail) return null;
  const random = createRandom(seed, 'site', crawl, trail);
  const depth = trail.split('.').length - 1;
  const kind = kindOf(random.int(0, 99), depth);
  const count = kind === 'missing' || depth === DEPTH ? 0 : random.int(2, 4);
  return {
    kind,
    waitMs: kind === 'slow' ? random.int(300, 1_200) : random.int(5, 60),
    links: Array.from({ length: count }, (_, index) => `/${crawl}/${trail}.${index}`),
  };
}

/** A crawl whose first page fails has nothing to show. */
function kindOf(percent: number, depth: number): PageKind {
  if (depth === 0) return 'plain';
  if (percent < 5) return 'missing';
  if (percent < 9) return 'fails twice';
  return percent < 16 ? 'slow' : 'plain';
}
