import type { ChildStatus } from '@progeny/contract';
import { type Counts, foldDeltas, zeroCounts } from '@progeny/core';
import { Client } from 'pg';

/** What SQL says of a parent's children, past everything that Progeny computes. */
export async function countRows(databaseUrl: string, parentId: string): Promise<Counts> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ status: ChildStatus; count: number }>(
      'SELECT status, count(*)::int AS count FROM job WHERE parent_id = $1 GROUP BY status',
      [parentId],
    );
    return foldDeltas(
      zeroCounts,
      rows.map(({ status, count }) => ({ from: null, to: status, count })),
    );
  } finally {
    await client.end();
  }
}
