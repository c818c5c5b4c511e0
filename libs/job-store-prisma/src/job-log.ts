import { type JobLog, LIMITS } from '@progeny/contract';
import { type Counts, foldDeltas, logLine } from '@progeny/core';
import type { Query } from './database.ts';
import type { JobDelta } from './deltas.ts';

interface LogLine {
  parentId: string;
  number: number;
  line: string;
}

/**
 * A line for each child that the deltas tell of, one after the other from `counts` on, as far as the log keeps them.
 * Children that a delta only counts have their numbers, too.
 */
export function linesOf({
  parentId,
  logLines,
  counts: before,
  deltas,
}: {
  parentId: string;
  logLines: number;
  counts: Counts;
  deltas: readonly JobDelta[];
}): LogLine[] {
  const last = logLines + deltas.reduce((sum, { count }) => sum + count, 0);
  const lines: LogLine[] = [];
  let counts = before;
  let number = logLines;
  for (const { from, to, count, jobIds } of deltas) {
    const untold = count - jobIds.length;
    counts = foldDeltas(counts, [{ from, to, count: untold }]);
    number += untold;
    for (const jobId of jobIds) {
      counts = foldDeltas(counts, [{ from, to, count: 1 }]);
      number += 1;
      if (to !== null && number > last - LIMITS.logLinesKept) {
        lines.push({ parentId, number, line: logLine({ jobId, to }, counts) });
      }
    }
  }
  return lines;
}

/** Appends lines, and removes what is beyond those that are kept. */
export async function storeLog(query: Query, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await query(
    `WITH line AS (
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[]) AS l (job_id, number, line)
     ), old AS (
       DELETE FROM job_log o USING (SELECT job_id, max(number) AS last FROM line GROUP BY job_id) AS l
        WHERE o.job_id = l.job_id AND o.number <= l.last - $4::int
     )
     INSERT INTO job_log (job_id, number, line) SELECT job_id, number, line FROM line`,
    [
      lines.map(({ parentId }) => parentId),
      lines.map(({ number }) => number),
      lines.map(({ line }) => line),
      LIMITS.logLinesKept,
    ],
  );
}

export async function listLog(query: Query, parentId: string): Promise<JobLog> {
  const lines = await query<{ number: number; at: Date; line: string }>(
    'SELECT number, at, line FROM job_log WHERE job_id = $1 ORDER BY number',
    [parentId],
  );
  return { lines: lines.map(({ number, at, line }) => ({ number, at: at.toISOString(), line })) };
}
