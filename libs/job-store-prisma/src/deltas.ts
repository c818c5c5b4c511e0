import type { ChildStatus } from '@progeny/contract';
import type { Delta } from '@progeny/core';
import type { Query } from './database.ts';

/** A delta with the children that it is of; of many, the last ones. */
export interface JobDelta extends Delta {
  jobIds: readonly string[];
}

/** The deltas of one parent in the order in which they were written, and how long the oldest had stood. */
export interface Taken {
  deltas: JobDelta[];
  lagMs: number | null;
}

interface DeltaRow {
  id: string;
  parent_id: string;
  from_status: ChildStatus | null;
  to_status: ChildStatus | null;
  count: number;
  job_ids: string[];
  lag_ms: number;
}

/** Removes what stands there: whoever took it has to count it in the same transaction. */
export async function takeDeltas(query: Query, parentIds: readonly string[]): Promise<Map<string, Taken>> {
  const rows = await query<DeltaRow>(
    `DELETE FROM job_delta WHERE parent_id = ANY($1::uuid[])
     RETURNING id, parent_id, from_status, to_status, count, job_ids,
               extract(epoch FROM clock_timestamp() - at)::float8 * 1000 AS lag_ms`,
    [parentIds],
  );
  rows.sort((a, b) => Number(a.id) - Number(b.id));
  const byParent = new Map<string, Taken>();
  for (const { parent_id, from_status, to_status, count, job_ids, lag_ms } of rows) {
    const taken = byParent.get(parent_id) ?? { deltas: [], lagMs: 0 };
    taken.deltas.push({ from: from_status, to: to_status, count, jobIds: job_ids });
    taken.lagMs = Math.max(taken.lagMs ?? 0, lag_ms);
    byParent.set(parent_id, taken);
  }
  return byParent;
}
