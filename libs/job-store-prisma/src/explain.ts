import {
  type Explanation,
  explanationSchema,
  LIMITS,
  type OpenChild,
  type StopReason,
} from '@progeny/contract';
import { isParentEnded, openReasons, statusesIn, toParentJobProgress } from '@progeny/core';
import { StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { requireParent } from './lock-parents.ts';
import { PROGRESS_COLUMNS, type ProgressRow, toParentState } from './progress-row.ts';

interface ExplainedRow extends ProgressRow {
  now: Date;
  foldedAt: Date;
  sealedAt: Date | null;
  sealExpiresAt: Date | null;
  stoppedAt: Date | null;
  stopReason: StopReason | null;
  paused: boolean;
  retrying: boolean;
}

type OpenRow = Omit<OpenChild, 'lease_expires_at' | 'available_at' | 'updated_at'> & {
  lease_expires_at: Date | null;
  available_at: Date;
  updated_at: Date;
};

/** Reads as much of a parent of a million children as of one of ten. */
export async function explain(query: Query, parentId: string): Promise<Explanation> {
  const row = await readParent(query, parentId);
  const open = [
    ...(await readOpen(query, parentId, 'running')),
    ...(await readOpen(query, parentId, 'pending')),
  ];
  const [unfolded] = await query<{ count: number; oldest_at: Date | null }>(
    `SELECT least(coalesce(sum(count), 0), $2)::int AS count, min(at) AS oldest_at
       FROM (SELECT count, at FROM job_delta WHERE parent_id = $1 LIMIT $2) AS standing`,
    [parentId, LIMITS.explainedChanges],
  );
  const state = toParentState(row);
  const mayExpire = row.sealedAt === null && !isParentEnded(state.status);
  return explanationSchema.parse({
    job_id: parentId,
    reasons: openReasons({
      state,
      sealed: row.sealedAt !== null,
      stopped: row.stopReason,
      paused: row.paused,
      retrying: row.retrying,
      unfoldedChanges: unfolded?.count ?? 0,
      openChildren: open,
      nowMs: row.now.getTime(),
    }),
    progress: toParentJobProgress(state),
    folded_at: row.foldedAt.toISOString(),
    sealed_at: row.sealedAt?.toISOString() ?? null,
    seal_expires_at: (mayExpire && row.sealExpiresAt?.toISOString()) || null,
    stopped_at: row.stoppedAt?.toISOString() ?? null,
    stop_reason: row.stopReason,
    unfolded_changes: {
      count: unfolded?.count ?? 0,
      oldest_at: unfolded?.oldest_at?.toISOString() ?? null,
    },
    open_children: open,
  });
}

async function readParent(query: Query, parentId: string): Promise<ExplainedRow> {
  const [row] = await query<ExplainedRow>(
    `SELECT ${PROGRESS_COLUMNS}, now() AS now, p.folded_at AS "foldedAt", f.sealed_at AS "sealedAt",
            p.folded_at + f.seal_timeout_ms * interval '1 millisecond' AS "sealExpiresAt",
            f.stopped_at AS "stoppedAt", f.stop_reason AS "stopReason", f.paused_at IS NOT NULL AS paused,
            f.retry_requested_at IS NOT NULL AS retrying
       FROM parent_progress p JOIN parent_job f ON f.job_id = p.job_id JOIN job j ON j.id = p.job_id
      WHERE p.job_id = $1 AND f.deleted_at IS NULL`,
    [parentId],
  );
  if (row) return row;
  await requireParent(query, parentId);
  throw new StoreError('unavailable', `job ${parentId} could not be read`);
}

/** The oldest in that status. */
async function readOpen(query: Query, parentId: string, status: OpenChild['status']): Promise<OpenChild[]> {
  const rows = await query<OpenRow>(
    `SELECT id AS job_id, key, is_parent, $2::text AS status, attempt, lease_owner, lease_expires_at, available_at, updated_at, error
       FROM job WHERE parent_id = $1 AND status = ANY($3::text[]) ORDER BY id LIMIT $4`,
    [parentId, status, statusesIn(status), LIMITS.explainedChildren],
  );
  return rows.map(({ lease_expires_at, available_at, updated_at, ...row }) => ({
    ...row,
    lease_expires_at: lease_expires_at?.toISOString() ?? null,
    available_at: available_at.toISOString(),
    updated_at: updated_at.toISOString(),
  }));
}
