import type { ChildInput } from '@progeny/contract';
import { v7 as newId } from 'uuid';
import type { Query } from './database.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { MOVED_COLUMNS, type MovedRow } from './status-change.ts';

/** What adding children has to know of the parent. */
export interface ParentRow {
  job_id: string;
  tenant_id: string;
  user_id: string;
  child_type: string;
  max_children: number | null;
  admitted: number;
  sealed: boolean;
  cancel_requested: boolean;
  /** Of the parent itself, as last derived. */
  ended: boolean;
}

/**
 * Locks parents against other additions, seals and cancels until the transaction ends. In the order of ids, and
 * always before any child is locked, so that two transactions never wait for each other.
 */
export function lockParents(query: Query, parentIds: readonly string[]): Promise<ParentRow[]> {
  return query<ParentRow>(
    `SELECT p.job_id, p.tenant_id, j.user_id, p.child_type, p.max_children, p.admitted,
            p.sealed_at IS NOT NULL AS sealed, p.cancel_requested_at IS NOT NULL AS cancel_requested,
            j.finished_at IS NOT NULL AS ended
       FROM parent_job p JOIN job j ON j.id = p.job_id
      WHERE p.job_id = ANY($1::uuid[]) ORDER BY p.job_id FOR UPDATE OF p`,
    [parentIds],
  );
}

/**
 * Inserts the children that the locked parent does not have yet, up to its `max_children`, with their deltas.
 * Returns the inserted.
 */
export async function insertChildren(
  query: Query,
  parent: ParentRow,
  children: readonly ChildInput[],
): Promise<MovedRow[]> {
  const byKey = new Map<string, ChildInput>();
  for (const child of children) if (!byKey.has(child.key)) byKey.set(child.key, child);
  for (const known of await findChildren(query, parent.job_id, [...byKey.keys()])) byKey.delete(known.key);
  const room = parent.max_children === null ? byKey.size : parent.max_children - parent.admitted;
  const fresh = [...byKey.values()].slice(0, Math.max(0, room));
  if (fresh.length === 0) return [];
  parent.admitted += fresh.length;
  return query<MovedRow>(INSERT_CHILDREN, [
    parent.job_id,
    parent.tenant_id,
    parent.user_id,
    parent.child_type,
    fresh.map(() => newId()),
    fresh.map((child) => child.key),
    fresh.map((child) => JSON.stringify(child.payload)),
  ]);
}

export function findChildren(
  query: Query,
  parentId: string,
  keys: readonly string[],
): Promise<{ id: string; key: string }[]> {
  return query('SELECT id, key FROM job WHERE parent_id = $1 AND key = ANY($2::text[])', [parentId, keys]);
}

const INSERT_CHILDREN = `
WITH moved AS (
  INSERT INTO job AS j (id, tenant_id, user_id, parent_id, type, key, status, payload)
  SELECT c.id, $2, $3, $1::uuid, $4, c.key, 'pending', c.payload::jsonb
    FROM unnest($5::uuid[], $6::text[], $7::text[]) AS c (id, key, payload)
  RETURNING ${MOVED_COLUMNS}, NULL::job_status AS from_status
), logged AS (${APPEND_DELTAS}
), counted AS (
  UPDATE parent_job SET admitted = admitted + (SELECT count(*) FROM moved) WHERE job_id = $1::uuid
)
SELECT * FROM moved`;
