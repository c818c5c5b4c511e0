import type { LifecycleEvent, ParentJobProgress, ParentJobProgressEvent } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import type { Hub } from './hub.ts';
import type { JobEvent } from './job-line.ts';

export interface BackupPollParts {
  hub: Hub;
  store: Pick<JobStore, 'getProgress' | 'listLifecycle' | 'listParents'>;
  silentForMs: number;
  now: () => number;
  /** When each job was last read, in that order: one that was read within `silentForMs` is left alone. */
  reads?: Map<string, number>;
  /** Reads all, silent or not, for the bus was away. */
  everything?: boolean;
  /** The poll delivered something that an event should have. */
  onDelivered: () => void;
}

/** Jobs read in one query. */
const READ_BATCH = 500;
/** The newest jobs, among which are those that nobody here has heard of. */
const NEWEST_JOBS = 50;

/** Reads the watched jobs that fell silent, and passes on what no event told: their progress, then their end. */
export async function pollSilentJobs(parts: BackupPollParts): Promise<void> {
  const { hub, store, silentForMs, now, reads = new Map(), everything = false } = parts;
  const nowMs = now();
  const sinceMs = everything ? nowMs : nowMs - silentForMs;
  for (const [jobId, readAtMs] of reads) {
    if (readAtMs > sinceMs) break;
    reads.delete(jobId);
  }
  const silent = hub.silentSince(sinceMs).filter((jobId) => !reads.has(jobId));
  for (let start = 0; start < silent.length; start += READ_BATCH) {
    const batch = silent.slice(start, start + READ_BATCH);
    const read = await store.getProgress(batch);
    for (const jobId of batch) reads.set(jobId, nowMs);
    for (const { progress } of read) await catchUp(parts, progress);
  }
  if (!hub.hasWatchersOfAll) return;
  for (const progress of await readUnheard(parts, sinceMs)) await catchUp(parts, progress);
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

/** New jobs of which not even the first event came; those who watch everything want them, but no old history. */
async function readUnheard(
  { hub, store, silentForMs, now }: BackupPollParts,
  bornBeforeMs: number,
): Promise<ParentJobProgress[]> {
  const { jobs } = await store.listParents({ limit: NEWEST_JOBS });
  const endedSinceMs = now() - 2 * silentForMs;
  return jobs
    .filter(({ job_id }) => !hub.passed(job_id))
    .filter(({ created_at }) => Date.parse(created_at) <= bornBeforeMs)
    .filter(({ finished_at }) => finished_at === null || Date.parse(finished_at) >= endedSinceMs)
    .map(({ progress }) => progress);
}
