import { LIMITS, type LifecycleEvent, lifecycleEventSchema } from '@progeny/contract';
import { toChildSnapshot, toParentJobProgress } from '@progeny/core';
import { type Snapshot, type Snapshots, StoreError } from '@progeny/job-store';
import { CHILD_COLUMNS, type ChildRow, toChildRecord } from './child-row.ts';
import type { Query } from './database.ts';
import { IS_SEEN } from './lock-parents.ts';
import { PROGRESS_COLUMNS, type ProgressRow, toParentState } from './progress-row.ts';

interface SnapshotRow extends ProgressRow {
  tenantId: string;
  userId: string;
  lastSeq: number;
  lifecycle: { type: string; payload: unknown; timestamp: string }[];
}

/** Each job in one statement, so of one instant. */
export async function readSnapshots(query: Query, jobIds: readonly string[]): Promise<Snapshots> {
  const rows = await query<{ epoch: string } & (SnapshotRow | { jobId: null })>(READ_SNAPSHOTS, [
    jobIds,
    LIMITS.replayedEvents,
  ]);
  const [first] = rows;
  if (!first)
    throw new StoreError('unavailable', 'the ledger has no epoch: INSERT INTO ledger DEFAULT VALUES');
  const parents = rows
    .filter((row) => row.jobId !== null)
    .map(
      (row): Snapshot => ({
        kind: 'parent',
        tenantId: row.tenantId,
        userId: row.userId,
        progress: toParentJobProgress(toParentState(row)),
        seq: row.lastSeq,
        lifecycle: row.lifecycle.map(toLifecycleEvent),
      }),
    );
  const children = parents.length < jobIds.length ? await readChildren(query, jobIds) : [];
  return { epoch: first.epoch, snapshots: [...parents, ...children] };
}

async function readChildren(query: Query, jobIds: readonly string[]): Promise<Snapshot[]> {
  const rows = await query<ChildRow>(
    `SELECT ${CHILD_COLUMNS} FROM job j WHERE j.id = ANY($1::uuid[]) AND NOT j.is_parent AND ${IS_SEEN}`,
    [jobIds],
  );
  return rows.map((row) => ({
    kind: 'child',
    tenantId: row.tenant_id,
    userId: row.user_id,
    ...toChildSnapshot(toChildRecord(row)),
  }));
}

const toLifecycleEvent = ({ timestamp, ...event }: SnapshotRow['lifecycle'][number]): LifecycleEvent =>
  lifecycleEventSchema.parse({ ...event, timestamp: new Date(timestamp).toISOString() });

// The newest of each by its primary key, however long its lifecycle.
const READ_SNAPSHOTS = `
SELECT l.epoch, s.* FROM ledger l LEFT JOIN (
  SELECT ${PROGRESS_COLUMNS}, j.tenant_id AS "tenantId", j.user_id AS "userId", p.last_seq AS "lastSeq",
         coalesce(e.lifecycle, '[]') AS lifecycle
    FROM parent_progress p JOIN job j ON j.id = p.job_id, LATERAL (
      SELECT json_agg(json_build_object('type', n.type, 'payload', n.payload, 'timestamp', n.at) ORDER BY n.seq) AS lifecycle
        FROM (SELECT * FROM lifecycle_event WHERE job_id = p.job_id ORDER BY seq DESC LIMIT $2) AS n
    ) AS e
   WHERE p.job_id = ANY($1::uuid[]) AND ${IS_SEEN}
) AS s ON true`;
