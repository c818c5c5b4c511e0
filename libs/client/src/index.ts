export { createProgressCache, type ProgressCache } from './progress-cache.ts';
export {
  createProgressClient,
  type ProgressClient,
  type ProgressClientOptions,
} from './progress-client.ts';
export type { ConnectionState, ProgressReader, ProgressSnapshot } from './progress-store.ts';
export type { WatchTarget } from './watch-list.ts';
