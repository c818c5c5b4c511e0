import type { JobStore } from '@progeny/job-store';
import type { Hub } from './hub.ts';
import type { JobEvent } from './job-line.ts';

export interface BackupPollParts {
  hub: Hub;
  store: Pick<JobStore, 'getProgress' | 'listLifecycle' | 'listParents'>;
  silentForMs: number;
  now: () => number;
  /** The poll delivered something that an event should have. */
  onDelivered: () => void;
}

/** Jobs read in one poll; the rest is silent still at the next. */
const POLL_BATCH = 500;

/** Reads the watched jobs that fell silent, and passes on what no event told: their progress, then their end. */
export async function pollSilentJobs({
  hub,
  store,
  silentForMs,
  now,
  onDelivered,
}: BackupPollParts): Promise<void> {
  const deliver = (event: JobEvent) => {
    if (hub.deliver(event, now())) onDelivered();
  };
  const timestamp = new Date().toISOString();
  for (const progress of await readSilent({ hub, store, sinceMs: now() - silentForMs })) {
    const missed = await store.listLifecycle(progress.job_id, hub.lastSeq(progress.job_id));
    const started = missed.filter((event) => event.type === 'JOB_STARTED');
    const rest = missed.filter((event) => event.type !== 'JOB_STARTED');
    started.forEach(deliver);
    deliver({ type: 'parent_job_progress', payload: progress, timestamp });
    rest.forEach(deliver);
  }
}

async function readSilent({
  hub,
  store,
  sinceMs,
}: Pick<BackupPollParts, 'hub' | 'store'> & { sinceMs: number }) {
  const silent = hub.silentSince(sinceMs).slice(0, POLL_BATCH);
  const read = silent.length > 0 ? (await store.getProgress(silent)).map(({ progress }) => progress) : [];
  if (!hub.hasWatchersOfAll) return read;
  // Jobs of which not even the first event came are unknown here; those who watch everything want them too.
  const { jobs } = await store.listParents({ limit: 50 });
  const known = new Set(silent);
  return [...read, ...jobs.map((job) => job.progress).filter((progress) => !known.has(progress.job_id))];
}
