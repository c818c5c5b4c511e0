import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guidePages, journalPages } from './article-pages.ts';
import { companyPages } from './company-pages.ts';
import { type Answer, type DemoPage, latencyOf } from './demo-page.ts';
import { type ExpectedCrawl, expectedOf } from './expected.ts';
import { shopPages } from './shop-pages.ts';
import { STYLESHEET } from './stylesheet.ts';
import { notFound, ROBOTS_TXT, troublePages } from './trouble-pages.ts';

export interface DemoSiteOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  host?: string;
  /** Divides every delay; Infinity answers at once. */
  speed?: number;
  /** Called when a request has come and when one has ended; for tests, which then need not look again and again. */
  onTraffic?: () => void;
}

export interface DemoSite {
  /** The front page, in the spelling that a crawler's seed has. */
  url: string;
  /** How a crawl of the whole site must end. */
  expected: ExpectedCrawl;
  /** How often a path was asked for since the start. */
  hitsOf(path: string): number;
  /** Requests that are not answered yet. */
  openRequests(): number;
  close(): Promise<void>;
}

/**
 * A small shop on loopback with honest trouble. Every start serves the same bytes with the same delays. Rejects when
 * the port is taken.
 */
export async function startDemoSite({
  port = 0,
  host = '127.0.0.1',
  speed = 1,
  onTraffic = () => {},
}: DemoSiteOptions = {}): Promise<DemoSite> {
  const pages = new Map<string, DemoPage>();
  const hits = new Map<string, number>();
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    response.once('close', () => {
      open -= 1;
      onTraffic();
    });
    const path = new URL(request.url ?? '/', 'http://demo').pathname;
    const hit = (hits.get(path) ?? 0) + 1;
    hits.set(path, hit);
    onTraffic();
    const page = pages.get(path);
    const answer = page ? page.answer(hit) : (ASSETS[path] ?? notFound());
    const delayMs = page ? latencyOf(page) / speed : 0;
    if (delayMs < 1) return send(response, answer);
    const timer = setTimeout(() => send(response, answer), delayMs);
    response.once('close', () => clearTimeout(timer));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
  const url = new URL(`http://${host}:${(server.address() as AddressInfo).port}/`);
  for (const page of sitePages(url.origin)) pages.set(page.path, page);
  return {
    url: url.href,
    expected: expectedOf([...pages.values()]),
    hitsOf: (path) => hits.get(path) ?? 0,
    openRequests: () => open,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const sitePages = (origin: string): DemoPage[] => [
  ...companyPages(origin),
  ...shopPages(),
  ...journalPages(),
  ...guidePages(),
  ...troublePages(),
];

const ASSETS: Readonly<Record<string, Answer>> = {
  '/assets/site.css': { status: 200, headers: { 'content-type': 'text/css' }, body: STYLESHEET },
  '/robots.txt': { status: 200, headers: { 'content-type': 'text/plain' }, body: ROBOTS_TXT },
  '/favicon.ico': { status: 204 },
};

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
