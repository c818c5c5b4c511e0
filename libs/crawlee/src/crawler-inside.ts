import type {
  BasicCrawler,
  IRequestList,
  Request,
  RequestProvider,
  SkippedRequestCallback,
} from '@crawlee/basic';

/** What a handler gets, as far as it is looked at here. */
export interface SeenContext {
  request: Request;
  response?: unknown;
  $?: unknown;
  window?: unknown;
}

type Handler = (context: SeenContext) => unknown;
type Skipped = Parameters<SkippedRequestCallback>[0];

/**
 * What every crawler of Crawlee 3 does inside: its classes inherit these members or override them, and reach them by
 * `this`. They are `protected`, as those who write a crawler class see them.
 */
export interface CrawlerInside {
  run: BasicCrawler['run'];
  running: boolean;
  readonly log: BasicCrawler['log'];
  readonly stats: Pick<BasicCrawler['stats'], 'finishJob' | 'failJob'>;
  requestQueue?: RequestProvider;
  requestList?: IRequestList;
  readonly handledRequestsCount: number;
  maxRequestsPerCrawl?: number;
  requestHandler: Handler;
  /** Of crawlers with a browser, whose `requestHandler` is their own. */
  userProvidedRequestHandler?: Handler;
  _init(): Promise<void>;
  _runRequestHandler(context: SeenContext): Promise<void>;
  _requestFunctionErrorHandler(error: Error, context: SeenContext, source: unknown): Promise<void>;
  handleSkippedRequest(skipped: Skipped): Promise<void>;
}
