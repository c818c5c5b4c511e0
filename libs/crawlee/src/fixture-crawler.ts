import { BasicCrawler, type BasicCrawlerOptions, Configuration, LogLevel, log } from '@crawlee/basic';

log.setLevel(LogLevel.OFF);

/** A crawler that fetches nothing, on storage of its own in memory. */
export const createCrawler = (options: BasicCrawlerOptions, config = createStorage()): BasicCrawler =>
  new BasicCrawler({ maxRequestRetries: 2, useSessionPool: false, ...options }, config);

export const createStorage = (): Configuration => new Configuration({ persistStorage: false });

export const pageUrl = (name: string | number): string => `http://site.test/${name}`;
