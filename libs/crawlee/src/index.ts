export { type AttachOptions, attachCrawlee, type CrawleeAttachment } from './attach-crawlee.ts';
export type { Crawler } from './crawler.ts';
export { UnsupportedCrawlerError } from './unsupported-crawler-error.ts';
