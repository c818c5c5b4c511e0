import type { IRequestList, Request, RequestProvider } from '@crawlee/basic';
import { around } from './around.ts';
import type { CrawlRun } from './crawl-run.ts';
import type { CrawlerInside, SeenContext } from './crawler-inside.ts';
import type { SkipReason } from './job-errors.ts';

export interface CrawlerListener {
  /** Of the run that is on; null between runs. */
  run(): CrawlRun | null;
  onRunBegins(): void;
  /** Its queue stands, and a crawl of a list has its list. */
  onReady(listed: readonly Request[]): void;
  onRunEnds(error: unknown): void;
  onQueue(queue: RequestProvider): void;
  onSkipped(skipped: { url: string; reason: SkipReason }): void;
}

/**
 * Looks on at one crawler, at the places which all crawler classes go through and where Crawlee itself keeps its
 * statistics. Whatever Crawlee awaits, returns and throws stays as it is; the listener is called in between, and `safely`
 * keeps its faults away from the crawl.
 */
export function hookCrawler(
  inside: CrawlerInside,
  listener: CrawlerListener,
  safely: (look: () => void) => void,
): void {
  const see = (look: (run: CrawlRun) => void): void =>
    safely(() => {
      const run = listener.run();
      if (run) look(run);
    });

  around(inside, 'run', (original) => async (...args) => {
    // A second run at the same time: Crawlee refuses it.
    if (inside.running) return await original(...args);
    safely(() => listener.onRunBegins());
    try {
      const statistics = await original(...args);
      safely(() => listener.onRunEnds(null));
      return statistics;
    } catch (error) {
      safely(() => listener.onRunEnds(error));
      throw error;
    }
  });
  around(inside, '_init', (original) => async () => {
    await original();
    safely(() => listener.onReady(listedRequests(inside.requestList)));
  });
  around(inside, '_runRequestHandler', (original) => async (context) => {
    see((run) => run.started(context));
    await original(context);
  });
  const handler = inside.userProvidedRequestHandler ? 'userProvidedRequestHandler' : 'requestHandler';
  // A proxy: a router is a function with methods, which Crawlee looks for.
  inside[handler] = new Proxy(inside[handler] as CrawlerInside['requestHandler'], {
    apply(target, self, args: [SeenContext]) {
      see((run) => run.handling(args[0]));
      return Reflect.apply(target, self, args);
    },
  });
  around(inside, '_requestFunctionErrorHandler', (original) => async (error, context, source) => {
    see((run) => run.erred(context, error));
    try {
      await original(error, context, source);
    } catch (thrown) {
      see((run) => run.broke(context));
      throw thrown;
    }
    see((run) => run.retrying(context));
  });
  around(inside.stats, 'finishJob', (original) => (id, retryCount) => {
    original(id, retryCount);
    see((run) => run.finished(String(id)));
  });
  around(inside.stats, 'failJob', (original) => (id, retryCount) => {
    original(id, retryCount);
    see((run) => run.failed(String(id)));
  });
  around(inside, 'handleSkippedRequest', (original) => async (skipped) => {
    safely(() => listener.onSkipped(skipped));
    await original(skipped);
  });
  hookQueue(inside, (queue) => safely(() => listener.onQueue(queue)));
}

/** Crawlee opens a queue when it needs one, and another when the crawler runs again. */
function hookQueue(inside: CrawlerInside, onQueue: (queue: RequestProvider) => void): void {
  let queue = inside.requestQueue;
  if (queue) onQueue(queue);
  Object.defineProperty(inside, 'requestQueue', {
    get: () => queue,
    set(next: RequestProvider | undefined) {
      queue = next;
      if (next) onQueue(next);
    },
    enumerable: true,
    configurable: true,
  });
}

/** Of a list that goes on where another process left it, nobody says which are done: they are seen when they come. */
function listedRequests(list: IRequestList | undefined): Request[] {
  const { requests } = (list ?? {}) as { requests?: unknown };
  if (!Array.isArray(requests) || list?.handledCount() !== 0) return [];
  return (requests as Partial<Request>[]).filter((one): one is Request => one.uniqueKey !== undefined);
}
