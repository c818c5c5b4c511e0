import { type JobStatusChange, LIMITS, type ParentStatus } from '@progeny/contract';
import { childStatusOf } from '@progeny/core';
import { type NewParent, StoreError } from '@progeny/job-store';
import type { Query } from './database.ts';
import { lockParent, type ParentRow, requireUnsealed, touchParents } from './lock-parents.ts';

/** A nested parent whose status changed. */
interface MovedParent {
  jobId: string;
  parentId: string;
  before: ParentStatus;
  after: ParentStatus;
}

/** The parent and those that it is nested in. It never changes, so no lock is needed to read it. */
export const lineOf = (query: Query, parentId: string): Promise<string[]> =>
  idsOf(
    query,
    `WITH RECURSIVE line AS (
       SELECT id, parent_id FROM job WHERE id = $1
       UNION ALL
       SELECT j.id, j.parent_id FROM line l JOIN job j ON j.id = l.parent_id
     )
     SELECT id FROM line`,
    [parentId],
  );

/** The parents nested in that one, however deep. */
export const nestedIn = (query: Query, parentId: string): Promise<string[]> =>
  idsOf(
    query,
    `WITH RECURSIVE nested AS (
       SELECT $1::uuid AS id
       UNION ALL
       SELECT j.id FROM nested n JOIN job j ON j.parent_id = n.id AND j.is_parent
     )
     SELECT id FROM nested WHERE id <> $1`,
    [parentId],
  );

const idsOf = async (query: Query, sql: string, values: unknown[]): Promise<string[]> =>
  (await query<{ id: string }>(sql, values)).map(({ id }) => id);

/** Says in the counts around them what became of nested parents; in the transaction that moves them. */
export async function countUpwards(query: Query, moved: readonly MovedParent[]): Promise<void> {
  const counted = moved
    .map((one) => ({ ...one, from: childStatusOf(one.before), to: childStatusOf(one.after) }))
    .filter(({ from, to }) => from !== to);
  if (counted.length === 0) return;
  await query(
    `INSERT INTO job_delta (parent_id, from_status, to_status, count, job_ids)
     SELECT parent_id, from_status, to_status, 1, ARRAY[job_id]
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS n (parent_id, from_status, to_status, job_id)`,
    [
      counted.map(({ parentId }) => parentId),
      counted.map(({ from }) => from),
      counted.map(({ to }) => to),
      counted.map(({ jobId }) => jobId),
    ],
  );
}

/** Where a new parent goes: the locked one around it, and the key that it has there. */
export interface Place {
  outer: ParentRow;
  key: string;
}

/** The place for a new parent, or the id of the one that has it already. */
export async function findPlace(
  query: Query,
  { owner, within }: NewParent & Required<Pick<NewParent, 'within'>>,
  jobId: string,
): Promise<Place | string> {
  const { parentId, key = jobId } = within;
  const outer = await lockParent(query, parentId);
  if (outer.tenant_id !== owner.tenantId)
    throw new StoreError('job_not_found', `there is no job ${parentId}`);
  requireUnsealed(outer);
  if ((await lineOf(query, parentId)).length >= LIMITS.nestingMax) {
    throw new StoreError('nested_too_deep', `job ${parentId} is nested in as many as may be`);
  }
  const [known] = await query<{ id: string; is_parent: boolean }>(
    'SELECT id, is_parent FROM job WHERE parent_id = $1 AND key = $2',
    [parentId, key],
  );
  if (known?.is_parent) return known.id;
  if (known) throw new StoreError('key_taken', `a child of job ${parentId} has that key`);
  if (outer.max_children !== null && outer.admitted >= outer.max_children) {
    throw new StoreError('too_many_children', `job ${parentId} has all the children it may have`);
  }
  return { outer, key };
}

/** Counts the new parent, whose row stands, as a pending child of the one around it, and wakes whoever folds that. */
export async function takePlace(query: Query, { outer }: Place, jobId: string): Promise<JobStatusChange[]> {
  await query(
    `WITH counted AS (
       UPDATE parent_job SET admitted = admitted + 1 WHERE job_id = $1
     )
     INSERT INTO job_delta (parent_id, to_status, count, job_ids) VALUES ($1, 'pending', 1, ARRAY[$2::uuid])`,
    [outer.job_id, jobId],
  );
  if (outer.paused) await query('UPDATE parent_job SET paused_at = now() WHERE job_id = $1', [jobId]);
  return touchParents(query, [outer.job_id]);
}
