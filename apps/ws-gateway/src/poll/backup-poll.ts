import type { Owner, Snapshot } from '@progeny/job-store';
import type { LineEvent } from '../hub/frame.ts';
import type { Hub } from '../hub/hub.ts';
import { isEnd, stateIn } from '../hub/snapshot-facts.ts';
import { sendRefusal } from '../session/control.ts';
import type { TenantLedger } from '../tenant-ledger.ts';
import { createUnheardReader } from './unheard-jobs.ts';

export interface BackupPollParts {
  hub: Hub;
  store: TenantLedger;
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
  /** Somebody has deleted these jobs: whoever watches them, or what is within them, is told that they are gone. */
  lookForDeleted(jobs: ReadonlyMap<string, Owner>): Promise<void>;
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

  /** Passes on what is there; answers those that are not. */
  const read = async (tenantId: string, jobIds: readonly string[]): Promise<Set<string>> => {
    const lacking = new Set(jobIds);
    for (let start = 0; start < jobIds.length; start += READ_BATCH) {
      const asked = jobIds.slice(start, start + READ_BATCH);
      const { snapshots } = await store.as({ tenantId }).readSnapshots(asked);
      for (const snapshot of snapshots) {
        lacking.delete(snapshot.progress.job_id);
        passOn(parts, snapshot);
      }
    }
    return lacking;
  };

  const catchUp = async (jobIds: readonly string[]) => {
    const gone = new Set(jobIds);
    for (const [tenantId, ofTenant] of byTenant(jobIds, hub.tenantsOf)) {
      const lacking = await read(tenantId, ofTenant);
      for (const jobId of ofTenant) if (!lacking.has(jobId)) gone.delete(jobId);
    }
    for (const jobId of gone) passAway(hub, jobId);
  };

  return {
    catchUp,
    async lookForDeleted(jobs) {
      for (const [tenantId, deleted] of byTenant([...jobs.keys()], (id) => [jobs.get(id)?.tenantId ?? ''])) {
        const within = hub.endedWithin(tenantId);
        const gone = await read(tenantId, [...new Set([...deleted, ...within])]);
        for (const jobId of gone) passAway(hub, jobId, jobs.get(jobId));
      }
    },
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
      for (const tenantId of [...hub.tenantsOfAll])
        await read(tenantId, await readUnheard(tenantId, sinceMs));
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
function passAway(hub: Hub, jobId: string, owner?: Owner): void {
  for (const reader of hub.gone(jobId, owner)) sendRefusal(reader, 'job_not_found', [jobId]);
}

function byTenant(
  jobIds: readonly string[],
  tenantsOf: (jobId: string) => Iterable<string>,
): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const jobId of jobIds) {
    for (const tenantId of tenantsOf(jobId)) {
      const ofTenant = grouped.get(tenantId) ?? [];
      grouped.set(tenantId, ofTenant);
      ofTenant.push(jobId);
    }
  }
  return grouped;
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
