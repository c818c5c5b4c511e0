import type { AddedChild, ChildInput, JobStatusChange } from '@progeny/contract';
import { type NewParent, type Owner, StoreError } from '@progeny/job-store';
import { v7 as newId } from 'uuid';
import type { Query } from './database.ts';
import { fold } from './fold.ts';
import { findChildren, insertChildren } from './insert-children.ts';
import { lockParent, type ParentRow, requireUnsealed, toParentChange } from './lock-parents.ts';
import { findPlace, takePlace } from './nesting.ts';
import { toStatusChanges } from './status-change.ts';

export interface Created {
  jobId: string;
  created: boolean;
  changes: JobStatusChange[];
}

export async function createParent(query: Query, parent: NewParent): Promise<Created> {
  const jobId = newId();
  if (parent.idempotency) {
    const known = await claimIdempotencyKey(query, parent, parent.idempotency);
    if (known) return { jobId: known, created: false, changes: [] };
  }
  const place = parent.within ? await findPlace(query, { ...parent, within: parent.within }, jobId) : null;
  if (typeof place === 'string') return { jobId: place, created: false, changes: [] };
  const { tenantId, userId } = place ? ownerOf(place.outer) : parent.owner;
  const parentId = place?.outer.job_id ?? null;
  // First: what hangs on a job is let in by row-level security when the job is there.
  await query(
    `INSERT INTO job (id, tenant_id, user_id, type, status, priority, is_parent, parent_id, key)
     VALUES ($1, $2, $3, $4, 'pending', $5, true, $6, $7)`,
    [jobId, tenantId, userId, parent.type, parent.priority, parentId, place?.key ?? null],
  );
  await query(
    `WITH facts AS (
       INSERT INTO parent_job (job_id, tenant_id, name, spec, child_type, max_children, sealed_at,
                               seal_timeout_ms, idempotency_key, fingerprint, failure_policy, deadline_ms,
                               deadline_at, child_timeout_ms)
       VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7 THEN now() END, $8, $9, $10, $11, $12::bigint,
               now() + $12::bigint * interval '1 millisecond', $13)
     )
     INSERT INTO parent_progress (job_id) VALUES ($1)`,
    [
      jobId,
      tenantId,
      parent.name,
      JSON.stringify(parent.spec),
      parent.childType,
      parent.maxChildren,
      parent.sealed,
      parent.sealTimeoutMs,
      parent.idempotency?.key ?? null,
      parent.idempotency?.fingerprint ?? null,
      JSON.stringify(parent.failurePolicy),
      parent.deadlineMs,
      parent.childTimeoutMs,
    ],
  );
  const children = await insertChildren(
    query,
    {
      job_id: jobId,
      parent_id: parentId,
      tenant_id: tenantId,
      user_id: userId,
      child_type: parent.childType,
      max_children: parent.maxChildren,
      admitted: 0,
      priority: parent.priority,
      sealed: parent.sealed,
      stop_reason: null,
      paused: false,
      retrying: false,
      ended: false,
    },
    parent.children,
  );
  // Folded before anybody can see the parent: its very first snapshot has its children in it.
  if (children.length > 0) await fold(query, [jobId]);
  const birth = toParentChange({
    job_id: jobId,
    parent_id: parentId,
    tenant_id: tenantId,
    user_id: userId,
    job_type: parent.type,
    from: null,
    to: 'pending',
    attempt: 0,
    run: 1,
    starts_run: false,
    version: 1,
  });
  const wake = place ? await takePlace(query, place, jobId) : [];
  return { jobId, created: true, changes: [birth, ...toStatusChanges(children), ...wake] };
}

const ownerOf = ({ tenant_id, user_id }: ParentRow): Owner => ({ tenantId: tenant_id, userId: user_id });

/** The job that the key already made, or null. Whoever comes second with the same key waits for the first here. */
async function claimIdempotencyKey(
  query: Query,
  { owner }: NewParent,
  { key, fingerprint }: { key: string; fingerprint: string },
): Promise<string | null> {
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${owner.tenantId}\n${key}`]);
  const [known] = await query<{ job_id: string; fingerprint: string }>(
    'SELECT job_id, fingerprint FROM parent_job WHERE tenant_id = $1 AND idempotency_key = $2',
    [owner.tenantId, key],
  );
  if (!known) return null;
  if (known.fingerprint === fingerprint) return known.job_id;
  throw new StoreError('idempotency_key_reused', 'the key was used for a request with another body');
}

export async function addChildren(
  query: Query,
  parentId: string,
  children: readonly ChildInput[],
): Promise<{ children: AddedChild[]; changes: JobStatusChange[] }> {
  const parent = await lockParent(query, parentId);
  requireUnsealed(parent);
  const inserted = await insertChildren(query, parent, children);
  const born = new Set(inserted.map((row) => row.id));
  const ids = new Map(
    (await findChildren(query, parentId, [...new Set(children.map((child) => child.key))])).map(
      (row) => [row.key, row.id] as const,
    ),
  );
  const answered = children.flatMap(({ key }) => {
    const id = ids.get(key);
    if (!id) return [];
    return [{ job_id: id, key, created: born.delete(id) }];
  });
  return { children: answered, changes: toStatusChanges(inserted) };
}
