import type { LifecycleEvent, ParentJobProgress } from '@progeny/contract';
import { coalesce } from './coalesce.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createProgressCache } from './progress-cache.ts';

/** `live`: the socket delivers. `polling`: it is away, HTTP answers. `reconnecting`: neither, still trying. */
export type ConnectionState = 'live' | 'reconnecting' | 'polling';

export interface ProgressSnapshot {
  connection: ConnectionState;
  jobs: ReadonlyMap<string, ParentJobProgress>;
}

/** What can be read and listened to, whatever the source. */
export interface ProgressReader {
  /** Calls back after changes, at most 20 times a second; the last change is never lost. Returns the way out. */
  subscribe(listener: () => void): () => void;
  /** The same object until something changes. */
  getSnapshot(): ProgressSnapshot;
  /** As `subscribe`, for one job alone: of 500 jobs only those that changed are told. */
  subscribeJob(jobId: string, listener: () => void): () => void;
  getJob(jobId: string): ParentJobProgress | undefined;
  /** Each lifecycle event once, in the order of its `seq`. */
  onLifecycle(listener: (event: LifecycleEvent) => void): () => void;
  /** Takes in a snapshot that came another way, by the same rule: only what is newer counts. */
  accept(progress: ParentJobProgress): void;
}

export interface ProgressStore extends ProgressReader {
  acceptLifecycle(event: LifecycleEvent): void;
  setConnection(next: ConnectionState): void;
  stop(): void;
}

export function createProgressStore(isWatched: (jobId: string) => boolean): ProgressStore {
  const everyChange = createListeners<void>();
  const lifecycle = createListeners<LifecycleEvent>();
  const perJob = new Map<string, Listeners<void>>();
  const changed = new Set<string>();
  const cache = createProgressCache({ keep: (jobId) => perJob.has(jobId) || isWatched(jobId) });
  let connection: ConnectionState = 'reconnecting';
  let snapshot: ProgressSnapshot | undefined;

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
      snapshot ??= { connection, jobs: cache.entries() };
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
    onLifecycle: lifecycle.join,
    accept: (progress) => {
      if (!cache.accept(progress)) return;
      changed.add(progress.job_id);
      touch();
    },
    acceptLifecycle: (event) => {
      if (cache.acceptLifecycle(event)) lifecycle.tell(event);
    },
    setConnection: (next) => {
      if (next === connection) return;
      connection = next;
      touch();
    },
    stop: notifications.stop,
  };
}
