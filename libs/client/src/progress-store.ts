import { coalesce } from './coalesce.ts';
import type { ConnectionState } from './connection-state.ts';
import type { ChildProgress } from './http-wire.ts';
import { createKeyedListeners, createListeners } from './listeners.ts';
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
  /** The newest state of a parent; the same object until it changes. */
  getJob(jobId: string): ParentJobProgress | undefined;
  /** The same of a child. */
  getChild(jobId: string): ChildProgress | undefined;
}

export interface ProgressStore extends ProgressReader {
  accept(progress: ParentJobProgress): void;
  acceptChild(progress: ChildProgress): void;
  /** What an event without a version says of a child. */
  putChild(progress: ChildProgress): void;
  /** The job is gone. */
  forget(jobId: string): void;
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
  const perJob = createKeyedListeners();
  const changed = new Set<string>();
  const keep = (jobId: string): boolean => perJob.has(jobId) || parts.isWatched(jobId);
  const cache = createProgressCache<ParentJobProgress>({ keep });
  const children = createProgressCache<ChildProgress>({ keep });
  let snapshot: ClientSnapshot | undefined;

  const notifications = coalesce(() => {
    const jobIds = [...changed];
    changed.clear();
    for (const jobId of jobIds) perJob.tell(jobId);
    everyChange.tell();
  });
  const touch = (): void => {
    snapshot = undefined;
    notifications.request();
  };

  const changedOf = (jobId: string): void => {
    changed.add(jobId);
    touch();
  };

  return {
    subscribe: everyChange.join,
    getSnapshot: () => {
      snapshot ??= { state: parts.state(), jobs: cache.entries() };
      return snapshot;
    },
    subscribeJob: perJob.join,
    getJob: cache.get,
    getChild: children.get,
    accept: (progress) => {
      if (cache.accept(progress)) changedOf(progress.job_id);
    },
    acceptChild: (progress) => {
      if (children.accept(progress)) changedOf(progress.job_id);
    },
    putChild: (progress) => {
      children.put(progress);
      changedOf(progress.job_id);
    },
    forget: (jobId) => {
      if (cache.forget(jobId) || children.forget(jobId)) changedOf(jobId);
    },
    touch,
    doubt: () => {
      cache.doubt();
      children.doubt();
    },
    stop: notifications.stop,
  };
}
