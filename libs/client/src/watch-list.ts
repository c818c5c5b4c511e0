/** Jobs that one connection can name (the gateway's limit); whoever watches more listens to everything. */
export const NAMED_JOBS_MAX = 100;

export type WatchTarget = 'all' | readonly string[];

export interface WatchList {
  /** Adds a watcher; the answer takes it away again, once. */
  add(target: WatchTarget): () => void;
  has(jobId: string): boolean;
  /** What to ask the gateway for: null when nobody watches anything. */
  wanted(): WatchTarget | null;
}

/** Counts watchers, so that two components may watch the same job and leave in any order. */
export function createWatchList(onChange: () => void): WatchList {
  const watchers = new Map<string, number>();
  let watchersOfAll = 0;
  const count = (target: WatchTarget, step: 1 | -1): void => {
    if (target === 'all') {
      watchersOfAll += step;
      return;
    }
    for (const jobId of new Set(target)) {
      const left = (watchers.get(jobId) ?? 0) + step;
      if (left > 0) watchers.set(jobId, left);
      else watchers.delete(jobId);
    }
  };
  return {
    add: (target) => {
      let active = true;
      count(target, 1);
      onChange();
      return () => {
        if (!active) return;
        active = false;
        count(target, -1);
        onChange();
      };
    },
    has: (jobId) => watchers.has(jobId),
    wanted: () => {
      if (watchersOfAll > 0 || watchers.size > NAMED_JOBS_MAX) return 'all';
      return watchers.size > 0 ? [...watchers.keys()] : null;
    },
  };
}
