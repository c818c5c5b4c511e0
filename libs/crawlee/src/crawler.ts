import type { BasicCrawler } from '@crawlee/basic';

/** Any crawler of Crawlee. Of its class only what does not depend on the class's context, so that each one fits. */
export type Crawler = Pick<BasicCrawler, 'run' | 'addRequests' | 'getRequestQueue' | 'stats' | 'log'>;
