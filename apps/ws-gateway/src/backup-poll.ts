import type { LifecycleEvent, ParentJobProgress, ParentJobProgressEvent } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import type { Hub } from './hub.ts';
import type { JobEvent } from './job-line.ts';
import { createUnheardReader } from './unheard-jobs.ts';

export interface BackupPollParts {
  hub: Hub;
  store: Pick<JobStore, 'getProgress' | 'listLifecycle' | 'listParents'>;
  silentForMs: number;
  now: () => number;
  /** The poll delivered something that an event should have. */
  onDelivered: () => void;
}

/** `everything`: all that is watched, silent or not, for the bus was away. */
export type BackupPoll = (options?: { everything?: boolean }) => Promise<void>;

/** Jobs read in one query. */
const READ_BATCH = 500;

/**
 * Reads the watched jobs that fell silent, each at most once in `silentForMs`, and passes on what no event told: their
 * progress, then their end. For those who watch everything it looks for jobs that nobody here has heard of, too.
 */
export function createBackupPoll(parts: BackupPollParts): BackupPoll {
  const { hub, store, silentForMs, now } = parts;
  /** When each job was last read, in that order. */
  const reads = new Map<string, number>();
  const readUnheard = createUnheardReader(parts);

  return async ({ everything = false } = {}) => {
    const nowMs = now();
    const sinceMs = everything ? nowMs : nowMs - silentForMs;
    for (const [jobId, readAtMs] of reads) {
      if (readAtMs > sinceMs) break;
      reads.delete(jobId);
    }
    const silent = hub.silentSince(sinceMs).filter((jobId) => everything || !reads.has(jobId));
    for (let start = 0; start < silent.length; start += READ_BATCH) {
      const batch = silent.slice(start, start + READ_BATCH);
      const read = await store.getProgress(batch);
      for (const jobId of batch) reads.set(jobId, nowMs);
      for (const { progress } of read) await catchUp(parts, progress);
    }
    if (!hub.hasWatchersOfAll) return;
    for (const progress of await readUnheard(sinceMs)) await catchUp(parts, progress);
  };
}

async function catchUp({ hub, store, now, onDelivered }: BackupPollParts, read: ParentJobProgress) {
  const passed = hub.passed(read.job_id);
  // Nothing has passed but the snapshots, and they are of this very version; or the end has passed, too.
  if (!hub.isNews(progressEvent(read)) && (!passed || passed.endTold)) return;
  const missed = await store.listLifecycle(read.job_id, passed?.lastSeq ?? 0);
  // Read again after the lifecycle, so that no end is told before the numbers it ended with.
  const [fresh] = missed.length > 0 ? await store.getProgress([read.job_id]) : [];
  for (const event of inOrder(fresh?.progress ?? read, missed)) if (hub.deliver(event, now())) onDelivered();
}

/** The order that viewers rely on: started, progress, ended. */
const inOrder = (progress: ParentJobProgress, lifecycle: readonly LifecycleEvent[]): JobEvent[] => [
  ...lifecycle.filter((event) => event.type === 'JOB_STARTED'),
  progressEvent(progress),
  ...lifecycle.filter((event) => event.type !== 'JOB_STARTED'),
];

const progressEvent = (payload: ParentJobProgress): ParentJobProgressEvent => ({
  type: 'parent_job_progress',
  payload,
  timestamp: new Date().toISOString(),
});
