import { type Request, RequestState } from '@crawlee/basic';
import type { JobError, ParentReporter, StatusReport } from '@progeny/reporter';
import { createChildLedger, type OpenChild } from './child-ledger.ts';
import { crawleeData, payloadOf } from './child-of-request.ts';
import type { SeenContext } from './crawler-inside.ts';
import { ENDED_WITHOUT, toJobError } from './job-errors.ts';
import { httpStatusOf, type PageFacts, pageFacts } from './page-facts.ts';
import type { StoredRequest } from './watch-queue.ts';

/** A request that is being worked on. */
interface Work {
  child: OpenChild;
  context: SeenContext;
  startedAtMs: number;
  /** From when its handler begins. */
  facts: PageFacts | null;
  error: unknown;
}

/** How the crawl ended, for what it left undone. */
export interface LeftOver {
  status: 'cancelled' | 'skipped';
  error: JobError;
}

/** One run of a crawler as one parent: what Crawlee does with a request becomes what is said of its child. */
export interface CrawlRun {
  added(request: StoredRequest): void;
  /** The queue will not give it out again. Nothing is said of one in work: its end tells more. */
  handled(request: StoredRequest): void;
  started(context: SeenContext): void;
  handling(context: SeenContext): void;
  /** A try went wrong; what becomes of it is not known yet. */
  erred(context: SeenContext, error: unknown): void;
  /** It is in the queue again. */
  retrying(context: SeenContext): void;
  /** By the id under which Crawlee counts it. */
  finished(statisticsId: string): void;
  failed(statisticsId: string): void;
  /** Its error ends the whole crawl. */
  broke(context: SeenContext): void;
  /** A URL that never got into the queue. */
  keptOut(key: string, url: string, error: JobError): void;
  /** Ends what is open. Nothing else may be told after it. */
  end(leftOver: LeftOver): void;
  restate(key: string): void;
}

/** As Crawlee counts them. */
const statisticsIdOf = ({ id, uniqueKey }: Request): string => id || uniqueKey;

export function createCrawlRun(parent: ParentReporter): CrawlRun {
  const ledger = createChildLedger(parent);
  const inWork = new Map<string, Work>();

  const childOf = (request: StoredRequest): OpenChild | null =>
    ledger.open(request.uniqueKey, () => payloadOf(request));
  const workOf = ({ request }: SeenContext): Work | undefined => inWork.get(statisticsIdOf(request));
  const endWork = (statisticsId: string, toReport: (work: Work) => Omit<StatusReport, 'attempt'>): void => {
    const work = inWork.get(statisticsId);
    if (!work) return;
    inWork.delete(statisticsId);
    ledger.end(work.child, toReport(work));
  };
  const failWork = (statisticsId: string): void =>
    endWork(statisticsId, ({ error, context, facts }) => ({
      status: 'failed',
      error: toJobError(error, {
        httpStatus: httpStatusOf(context.response),
        isHandling: facts !== null,
      }),
    }));

  return {
    added: (request) => void childOf(request),
    handled(request) {
      const child = ledger.find(request.uniqueKey);
      if (!child || child.isInWork) return;
      const { robots, elsewhere } = ENDED_WITHOUT;
      const isSkipped = crawleeData(request).state === RequestState.SKIPPED;
      ledger.end(child, { status: 'skipped', error: isSkipped ? robots : elsewhere });
    },
    started(context) {
      const { request } = context;
      const child = childOf(request as StoredRequest);
      if (!child) return;
      ledger.begin(child, request.retryCount + 1);
      inWork.set(statisticsIdOf(request), {
        child,
        context,
        startedAtMs: performance.now(),
        facts: null,
        error: undefined,
      });
      ledger.progress(child, { progress: 10, stage: 'fetching' });
    },
    handling(context) {
      const work = workOf(context);
      if (!work) return;
      work.facts = pageFacts(context);
      ledger.progress(work.child, { progress: 60, stage: 'handling' });
    },
    erred(context, error) {
      const work = workOf(context);
      if (work) work.error = error;
    },
    retrying(context) {
      const work = workOf(context);
      if (!work) return;
      inWork.delete(statisticsIdOf(context.request));
      work.child.isInWork = false;
      const label = work.error instanceof Error ? work.error.message : String(work.error);
      ledger.progress(work.child, { progress: 0, stage: 'retrying', label });
    },
    finished: (statisticsId) =>
      endWork(statisticsId, ({ context: { request, response }, facts, startedAtMs }) => {
        if (request.state === RequestState.SKIPPED) {
          return { status: 'skipped', error: ENDED_WITHOUT.redirect };
        }
        const status = httpStatusOf(response);
        return {
          status: 'completed',
          result: {
            ...(status !== undefined && { http_status: status }),
            ...facts,
            loaded_url: request.loadedUrl ?? request.url,
            duration_ms: Math.round(performance.now() - startedAtMs),
          },
        };
      }),
    failed: failWork,
    broke: ({ request }) => failWork(statisticsIdOf(request)),
    keptOut(key, url, error) {
      const child = ledger.open(key, () => ({ url }));
      if (child && !child.isInWork) ledger.end(child, { status: 'skipped', error });
    },
    end(leftOver) {
      for (const child of ledger.openChildren()) ledger.end(child, leftOver);
      inWork.clear();
    },
    restate: (key) => ledger.restate(key),
  };
}
