import type { RequestProvider } from '@crawlee/basic';
import type { ParentOptions, ParentReporter, Reporter } from '@progeny/reporter';
import type { LeftOver } from './crawl-run.ts';
import type { Crawler } from './crawler.ts';
import type { CrawlerInside } from './crawler-inside.ts';
import { hookCrawler } from './hook-crawler.ts';
import { ENDED_WITHOUT } from './job-errors.ts';
import { createKeptOut } from './kept-out.ts';
import { requireCrawler } from './require-crawler.ts';
import { createShownRun, type ShownRun } from './shown-run.ts';
import { type StoredRequest, watchQueue } from './watch-queue.ts';

/** What the parent of each run is created with; the name is that of the crawler's class by itself. */
export interface AttachOptions extends Omit<ParentOptions, 'idempotencyKey' | 'failurePolicy'> {
  reporter: Reporter;
}

export interface CrawleeAttachment {
  /** The parent of the present run, else of the last; null before the first. */
  parent(): ParentReporter | null;
  /**
   * After a run: true when the manager has taken all of it, what had to be said again too; false when `timeoutMs`
   * passed before.
   */
  flush(timeoutMs: number): Promise<boolean>;
}

/** Not `task`, by which workers of Progeny may claim children: the crawler does the work. */
const CHILD_TYPE = 'crawlee-request';

/**
 * Shows every run of a crawler as a parent, and its requests as the children. Works with every class of crawler, costs
 * no request anything but a few calls in memory, and neither delays nor fails the crawl, whatever becomes of Progeny.
 * Attach it once, before the first run. Throws UnsupportedCrawlerError for what is no crawler of Crawlee 3.
 */
export function attachCrawlee(crawler: Crawler, { reporter, ...options }: AttachOptions): CrawleeAttachment {
  const inside = crawler as unknown as CrawlerInside;
  requireCrawler(inside);
  const name = options.name ?? crawler.constructor.name;
  /** In the queue since before a run. */
  const waiting = new Map<string, StoredRequest>();
  const keptOut = createKeptOut();
  let runs = 0;
  let shown: ShownRun | null = null;
  let isOn = false;
  let queue: RequestProvider | undefined;
  let unwatch = () => {};

  let hasWarned = false;
  const safely = (look: () => void): void => {
    try {
      look();
    } catch (error) {
      if (!hasWarned) crawler.log.warning('Progeny cannot follow this crawler', { error });
      hasWarned = true;
    }
  };
  const run = () => (isOn ? (shown?.crawl ?? null) : null);
  const listener = {
    onAdded: (request: StoredRequest) =>
      safely(() => {
        const on = run();
        if (on) on.added(request);
        else waiting.set(request.uniqueKey, request);
      }),
    onHandled: (request: StoredRequest) =>
      safely(() => {
        waiting.delete(request.uniqueKey);
        run()?.handled(request);
      }),
  };
  const watch = () => {
    unwatch();
    unwatch = queue ? watchQueue(queue, listener) : unwatch;
  };

  hookCrawler(
    inside,
    {
      run,
      onRunBegins() {
        runs += 1;
        shown?.forget();
        shown = createShownRun(reporter, {
          childType: CHILD_TYPE,
          ...options,
          name: runs === 1 ? name : `${name} (run ${runs})`,
          idempotencyKey: `crawlee-${crypto.randomUUID()}`,
        });
        isOn = true;
        keptOut.beginRun(shown.crawl);
        watch();
      },
      onReady(listed) {
        for (const request of [...waiting.values(), ...listed]) run()?.added(request as StoredRequest);
        waiting.clear();
      },
      onRunEnds(error) {
        // A queue may outlive the crawler, and others may use it.
        unwatch();
        isOn = false;
        const notShown = keptOut.endRun();
        shown?.end(leftOverOf(inside, error));
        if (notShown > 0) crawler.log.info(`${notShown} URLs that were kept out are not shown in Progeny`);
      },
      onQueue(next) {
        queue = next;
        if (isOn || runs === 0) watch();
      },
      onSkipped: (skipped) => keptOut.add(skipped),
    },
    safely,
  );

  return {
    parent: () => shown?.parent ?? null,
    flush: async (timeoutMs) => (await shown?.flush(timeoutMs)) ?? (await reporter.flush(timeoutMs)),
  };
}

/** What the end of the run means for requests that are not done. */
function leftOverOf({ maxRequestsPerCrawl, handledRequestsCount }: CrawlerInside, error: unknown): LeftOver {
  if (error !== null) return { status: 'cancelled', error: ENDED_WITHOUT.failed };
  if (maxRequestsPerCrawl && handledRequestsCount >= maxRequestsPerCrawl) {
    return { status: 'skipped', error: ENDED_WITHOUT.limit };
  }
  return { status: 'cancelled', error: ENDED_WITHOUT.stopped };
}
