export { type CrawlWorkerConfig, crawlWorkerConfigSchema } from './config.ts';
export { type CrawlWorkerParts, createCrawlWorker } from './crawl-worker.ts';
