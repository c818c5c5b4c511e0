import { coalesce } from './coalesce.ts';
import type { ConnectionState } from './connection-state.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createProgressCache } from './progress-cache.ts';
import type { ParentJobProgress } from './wire.ts';

/** Everything at one moment. */
export interface ClientSnapshot {
  readonly state: ConnectionState;
  readonly jobs: ReadonlyMap<string, ParentJobProgress>;
}

/** What can be read and listened to, whatever the source; made for `useSyncExternalStore`. */
export interface ProgressReader {
  /** Calls back after changes, at most 20 times a second; the last change is never lost. Returns the way out. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changes. */
  getSnapshot(): ClientSnapshot;
  /** As `subscribe`, for one job alone: of 500 jobs only those that changed are told. */
  subscribeJob(jobId: string, listener: () => void): () => void;
  /** The newest state of a job; the same object until it changes. */
  getJob(jobId: string): ParentJobProgress | undefined;
}

export interface ProgressStore extends ProgressReader {
  accept(progress: ParentJobProgress): void;
  /** Something else of the snapshot has changed. */
  touch(): void;
  doubt(): void;
  stop(): void;
}

export function createProgressStore(parts: {
  isWatched: (jobId: string) => boolean;
  state: () => ConnectionState;
}): ProgressStore {
  const everyChange = createListeners<void>();
  const perJob = new Map<string, Listeners<void>>();
  const changed = new Set<string>();
  const cache = createProgressCache({ keep: (jobId) => perJob.has(jobId) || parts.isWatched(jobId) });
  let snapshot: ClientSnapshot | undefined;

  const notifications = coalesce(() => {
    const jobIds = [...changed];
    changed.clear();
    for (const jobId of jobIds) perJob.get(jobId)?.tell();
    everyChange.tell();
  });
  const touch = (): void => {
    snapshot = undefined;
    notifications.request();
  };

  return {
    subscribe: everyChange.join,
    getSnapshot: () => {
      snapshot ??= { state: parts.state(), jobs: cache.entries() };
      return snapshot;
    },
    subscribeJob: (jobId, listener) => {
      const ofJob = perJob.get(jobId) ?? createListeners<void>();
      perJob.set(jobId, ofJob);
      const leave = ofJob.join(listener);
      return () => {
        leave();
        if (ofJob.size === 0 && perJob.get(jobId) === ofJob) perJob.delete(jobId);
      };
    },
    getJob: cache.get,
    accept: (progress) => {
      if (!cache.accept(progress)) return;
      changed.add(progress.job_id);
      touch();
    },
    touch,
    doubt: cache.doubt,
    stop: notifications.stop,
  };
}
