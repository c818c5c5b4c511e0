import type { JobStore, Snapshot } from '@progeny/job-store';
import type { LineEvent } from '../hub/frame.ts';
import type { Hub } from '../hub/hub.ts';
import { isEnd, stateIn } from '../hub/snapshot-facts.ts';
import { sendRefusal } from '../session/control.ts';
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
 * progress, then their end, and that they are gone. For those who watch everything it looks for jobs that nobody here has heard of, too.
 */
export function createBackupPoll(parts: BackupPollParts): BackupPoll {
  const { hub, store, silentForMs, now } = parts;
  /** When each job was last read, in that order. */
  const reads = new Map<string, number>();
  const readUnheard = createUnheardReader(parts);

  const catchUp = async (jobIds: readonly string[]) => {
    for (let start = 0; start < jobIds.length; start += READ_BATCH) {
      const asked = jobIds.slice(start, start + READ_BATCH);
      const { snapshots } = await store.readSnapshots(asked);
      for (const snapshot of snapshots) passOn(parts, snapshot);
      const found = new Set(snapshots.map(({ progress }) => progress.job_id));
      for (const jobId of asked) if (!found.has(jobId)) passAway(hub, jobId);
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
      const silent = hub
        .silentSince(sinceMs, { ended: everything })
        .filter((jobId) => everything || !reads.has(jobId));
      await catchUp(silent);
      for (const jobId of silent) reads.set(jobId, nowMs);
      for (const tenantId of [...hub.tenantsOfAll]) await catchUp(await readUnheard(tenantId, sinceMs));
    },
  };
}

function passOn({ hub, onDelivered }: BackupPollParts, snapshot: Snapshot): void {
  const lastSeq = hub.passed(snapshot.progress.job_id)?.lastSeq ?? 0;
  for (const event of inOrder(snapshot, lastSeq)) {
    if (hub.isNews(event) && hub.deliver(event, snapshot, snapshot)) onDelivered();
  }
  hub.confirm(snapshot);
}

/** It was deleted. */
function passAway(hub: Hub, jobId: string): void {
  for (const reader of hub.gone(jobId)) sendRefusal(reader, 'job_not_found', [jobId]);
}

/**
 * The order that readers rely on: no end before the state that it came with, or a newer one; otherwise the state is
 * that of the run which the last start began.
 */
function inOrder(snapshot: Snapshot, lastSeq: number): LineEvent[] {
  const missed = snapshot.lifecycle.filter(({ payload }) => payload.seq > lastSeq);
  const end = missed.findIndex(isEnd);
  const at = end === -1 ? missed.length : end;
  return [...missed.slice(0, at), stateIn(snapshot, new Date().toISOString()), ...missed.slice(at)];
}
