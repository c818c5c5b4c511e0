/** What was to be attached is not built as the crawlers of Crawlee 3 are. Nothing of it was touched. */
export class UnsupportedCrawlerError extends Error {
  readonly code = 'unsupported_crawler';

  constructor(missing: string) {
    super(`this is no crawler of Crawlee 3.18 or a later 3: it has no ${missing}`);
    this.name = 'UnsupportedCrawlerError';
  }
}
