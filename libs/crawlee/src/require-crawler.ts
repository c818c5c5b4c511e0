import type { CrawlerInside } from './crawler-inside.ts';
import { UnsupportedCrawlerError } from './unsupported-crawler-error.ts';

const METHODS = [
  ...(['run', '_init', '_runRequestHandler', '_requestFunctionErrorHandler'] as const),
  ...(['handleSkippedRequest', 'requestHandler'] as const),
];

/** Throws UnsupportedCrawlerError for what cannot be followed, instead of failing in the middle of a crawl. */
export function requireCrawler(inside: CrawlerInside): void {
  for (const name of METHODS) if (typeof inside[name] !== 'function') throw new UnsupportedCrawlerError(name);
  for (const name of ['finishJob', 'failJob'] as const) {
    if (typeof inside.stats?.[name] !== 'function') throw new UnsupportedCrawlerError(`stats.${name}`);
  }
}
