import type { ChildStatus } from '@progeny/contract';
import { type Counts, foldDeltas, zeroCounts } from '@progeny/core';
import { Client, type QueryResultRow } from 'pg';

/** One statement, past everything that Progeny computes. */
export async function ask<Row extends QueryResultRow>(
  databaseUrl: string,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** What SQL says of a parent's children. */
export async function countRows(databaseUrl: string, parentId: string): Promise<Counts> {
  const rows = await ask<{ status: ChildStatus; count: number }>(
    databaseUrl,
    'SELECT status, count(*)::int AS count FROM job WHERE parent_id = $1 GROUP BY status',
    [parentId],
  );
  return foldDeltas(
    zeroCounts,
    rows.map(({ status, count }) => ({ from: null, to: status, count })),
  );
}
