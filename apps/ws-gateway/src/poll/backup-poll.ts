import type { JobEvent, LifecycleEvent } from '@progeny/contract';
import type { JobStore, Snapshot } from '@progeny/job-store';
import type { Hub } from '../hub/hub.ts';
import { createUnheardReader } from './unheard-jobs.ts';

export interface BackupPollParts {
  hub: Hub;
  store: Pick<JobStore, 'readSnapshots' | 'listParents'>;
  silentForMs: number;
  now: () => number;
  /** The poll delivered something that an event should have. */
  onDelivered: () => void;
}

export interface BackupPoll {
  /** `everything`: all that is watched, silent or not, for the bus was away. */
  poll(options: { everything: boolean }): Promise<void>;
  /** Lifecycle events of these jobs are missing. */
  catchUp(jobIds: readonly string[]): Promise<void>;
}

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

  const catchUp = async (jobIds: readonly string[]) => {
    for (let start = 0; start < jobIds.length; start += READ_BATCH) {
      const { snapshots } = await store.readSnapshots(jobIds.slice(start, start + READ_BATCH));
      for (const snapshot of snapshots) passOn(parts, snapshot);
    }
  };

  return {
    catchUp,
    async poll({ everything }) {
      const nowMs = now();
      const sinceMs = everything ? nowMs : nowMs - silentForMs;
      for (const [jobId, readAtMs] of reads) {
        if (readAtMs > sinceMs) break;
        reads.delete(jobId);
      }
      const silent = hub.silentSince(sinceMs).filter((jobId) => everything || !reads.has(jobId));
      await catchUp(silent);
      for (const jobId of silent) reads.set(jobId, nowMs);
      for (const tenantId of [...hub.tenantsOfAll]) await catchUp(await readUnheard(tenantId, sinceMs));
    },
  };
}

function passOn({ hub, onDelivered }: BackupPollParts, snapshot: Snapshot): void {
  const lastSeq = hub.passed(snapshot.progress.job_id)?.lastSeq ?? 0;
  const missed = snapshot.lifecycle.filter(({ payload }) => payload.seq > lastSeq);
  for (const event of inOrder(snapshot, missed)) {
    if (hub.isNews(event) && hub.deliver(event, snapshot)) onDelivered();
  }
}

/** The order that readers rely on: started, progress, ended. */
const inOrder = ({ progress }: Snapshot, lifecycle: readonly LifecycleEvent[]): JobEvent[] => [
  ...lifecycle.filter((event) => event.type === 'JOB_STARTED'),
  { type: 'parent_job_progress', payload: progress, timestamp: new Date().toISOString() },
  ...lifecycle.filter((event) => event.type !== 'JOB_STARTED'),
];
