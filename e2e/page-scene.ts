import type { ChildList, ChildView, ParentView } from '@progeny/contract';
import { type DemoSite, startDemoSite } from '@progeny/demo-site';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, openPage } from './browser.ts';
import { type Product, serveProduct } from './product.ts';

/** A job whose children somebody outside works on: the test. */
export interface OutsideJob {
  job: ParentView;
  children: ChildView[];
  /** As the worker of that child; the try is the one that is due. */
  report(key: string, status: string, facts?: object): Promise<void>;
  /** How far that child is. */
  progress(key: string, facts: object): Promise<void>;
}

/** The product, a browser and a site to crawl, for the tests of one file. */
export interface PageScene {
  readonly product: Product;
  readonly site: DemoSite;
  open(options?: BrowserContextOptions): Promise<Page>;
  /** The address of a path of the page. */
  at(path: string): string;
  /** The same site, so many times slower: for what has to be done before its crawl ends. Closed by itself. */
  slowSite(times: number): Promise<DemoSite>;
  /** Starts a crawl of it as a person does, and waits for its own view. Answers the job's id. */
  startCrawl(page: Page, site?: DemoSite): Promise<string>;
  /** Asks the manager as a program outside does: with a body it posts. */
  ask<Answer>(path: string, body?: object): Promise<Answer>;
  createOutside(keys: readonly string[], facts?: object): Promise<OutsideJob>;
}

/** Sets the scene up around the tests of the file that calls it: one product for all, a site for each. */
export function usePageScene(env: NodeJS.ProcessEnv = {}): PageScene {
  let product: Product;
  let browser: Browser;
  let site: DemoSite;
  const slowSites: DemoSite[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
    product = await serveProduct([], env);
  });
  beforeEach(async () => {
    site = await startDemoSite();
  });
  afterEach(async () => {
    for (const open of [site, ...slowSites.splice(0)]) await open.close();
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  const at = (path: string): string => new URL(path, product.pageUrl).href;
  const ask = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const response = await fetch(at(path), {
      ...(body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };

  return {
    get product() {
      return product;
    },
    get site() {
      return site;
    },
    at,
    ask,
    open: (options) => openPage(browser, options),
    async slowSite(times) {
      const slow = await startDemoSite({ speed: 1 / times });
      slowSites.push(slow);
      return slow;
    },
    async startCrawl(page, { url } = site) {
      await page.goto(product.pageUrl);
      await page.getByTestId('url-input').fill(url);
      await page.getByTestId('start-crawl').click();
      await page.waitForURL('**/jobs/*');
      return new URL(page.url()).pathname.split('/').at(-1) ?? '';
    },
    async createOutside(keys, facts) {
      const job = await ask<ParentView>('/v1/jobs', {
        type: 'custom',
        child_type: 'outside',
        children: keys.map((key) => ({ key })),
        ...facts,
      });
      const { children } = await ask<ChildList>(`/v1/jobs/${job.job_id}/children`);
      const idOf = (key: string) => children.find((child) => child.key === key)?.job_id;
      return {
        job,
        children,
        async report(key, status, more) {
          const child = await ask<ChildView>(`/v1/jobs/${idOf(key)}`);
          const attempt = child.status === 'running' ? child.attempt : child.attempt + 1;
          await ask(`/v1/jobs/${idOf(key)}/status`, { status, attempt, ...more });
        },
        async progress(key, more) {
          await ask(`/v1/jobs/${idOf(key)}/progress`, more);
        },
      };
    },
  };
}

export const statusIs = (page: Page, status: string) =>
  page.locator(`[data-testid="job-status"][data-status="${status}"]`).waitFor({ timeout: 60_000 });
export const connectionIs = (page: Page, state: string) =>
  page.locator(`[data-testid="connection"][data-state="${state}"]`).waitFor({ timeout: 30_000 });
