import type { ChildInput } from '@progeny/contract';
import { v7 as newId } from 'uuid';
import type { Query } from './database.ts';
import type { ParentRow } from './lock-parents.ts';
import { APPEND_DELTAS } from './move-children.ts';
import { type MovedRow, movedColumns } from './status-change.ts';

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
    parent.priority,
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
  INSERT INTO job AS j (id, tenant_id, user_id, parent_id, type, priority, key, status, payload)
  SELECT c.id, $2, $3, $1::uuid, $4, $5, c.key, 'pending', c.payload::jsonb
    FROM unnest($6::uuid[], $7::text[], $8::text[]) AS c (id, key, payload)
  RETURNING ${movedColumns('NULL::text')}
), logged AS (${APPEND_DELTAS}
), counted AS (
  UPDATE parent_job SET admitted = admitted + (SELECT count(*) FROM moved) WHERE job_id = $1::uuid
)
SELECT * FROM moved`;
