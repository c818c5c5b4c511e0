import { CHILD_STATUSES, type ParentStatus } from '@progeny/contract';
import { colors } from '../colors.ts';
import type { Buckets } from './crawl.ts';

export interface CrawlEnd {
  status: ParentStatus;
  durationMs: number;
  counters: Buckets;
  /** What the rows themselves say. */
  rows: Buckets;
}

export const doCountersAgree = ({ counters, rows }: CrawlEnd): boolean =>
  CHILD_STATUSES.every((status) => counters[status] === rows[status]);

/** 0 only when the crawl completed and every counter is what the rows say. */
export const exitCodeOf = (end: CrawlEnd): number =>
  end.status === 'completed' && doCountersAgree(end) ? 0 : 1;

/** All six buckets, nothing hidden, and whether they are the truth. */
export function summaryLines(end: CrawlEnd): string[] {
  const { status, durationMs, counters, rows } = end;
  const agree = doCountersAgree(end);
  const total = CHILD_STATUSES.reduce((sum, bucket) => sum + counters[bucket], 0);
  const word = status === 'completed' ? colors.green(status) : colors.red(status);
  const line = (name: string, count: number, more = '') =>
    `    ${name.padEnd(11)}${String(count).padStart(6)}${more}`;
  return [
    `  ${colors.bold(word)} in ${(durationMs / 1000).toFixed(1)} s`,
    '',
    ...CHILD_STATUSES.map((bucket) =>
      line(
        bucket,
        counters[bucket],
        counters[bucket] === rows[bucket] ? '' : colors.red(`  but ${rows[bucket]} rows in PostgreSQL`),
      ),
    ),
    line('total', total, agree ? colors.dim('  as many as rows in PostgreSQL, bucket by bucket') : ''),
  ];
}
