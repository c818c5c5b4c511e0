import type { Counts } from '@progeny/core';
import type { Pool } from 'pg';
import { readLifecycle, readParents } from '../../faults/checkers/ledger-rows.ts';
import { countsOf } from '../../faults/checkers/snapshot-faults.ts';
import type { Watcher } from './watcher.ts';

/** True when all of it has happened in time. */
export async function allWithin(waits: readonly Promise<unknown>[], withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs);
  });
  const all = Promise.all(waits).then(() => true);
  return Promise.race([all, late]).finally(() => clearTimeout(timer));
}

export const allSubscribed = (watchers: readonly Watcher[], withinMs: number): Promise<boolean> =>
  allWithin(
    watchers.map((watcher) => watcher.when(() => watcher.isSubscribed)),
    withinMs,
  );

/** What SQL says of these jobs, past everything that Progeny computes. */
export interface Truth {
  version: number;
  counts: string;
  /** `seq type`, in order. */
  lifecycle: string[];
}

const textOf = (counts: Counts): string =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');

export async function readTruth(pool: Pool, jobIds: readonly string[]): Promise<Map<string, Truth>> {
  const [parents, events] = [await readParents(pool, jobIds), await readLifecycle(pool, jobIds)];
  return new Map(
    parents.map(({ jobId, version, children }) => [
      jobId,
      {
        version,
        counts: textOf(children),
        lifecycle: events
          .filter((event) => event.jobId === jobId)
          .sort((a, b) => a.seq - b.seq)
          .map(({ seq, type }) => `${seq} ${type}`),
      },
    ]),
  );
}

/** Whether a watcher shows what is true of all its jobs. */
export const isUpToDate = (
  { record }: Pick<Watcher, 'record'>,
  jobIds: readonly string[],
  truth: Map<string, Truth>,
): boolean =>
  jobIds.every((jobId) => {
    const known = record.known.get(jobId);
    const expected = truth.get(jobId);
    return (
      known?.progress?.version === expected?.version &&
      (known?.seq ?? 0) === (expected?.lifecycle.length ?? 0)
    );
  });

/** How a watcher's story differs from the ledger's; it watched from the first event on. */
export function differences(
  { record }: Pick<Watcher, 'record'>,
  jobIds: readonly string[],
  truth: Map<string, Truth>,
): string[] {
  return jobIds.flatMap((jobId) => {
    const known = record.known.get(jobId);
    const expected = truth.get(jobId);
    if (!known || !expected) return [`nothing is known of ${jobId}`];
    const lifecycle = known.lifecycle.map(({ type, payload: { seq } }) => `${seq} ${type}`);
    const faults: string[] = [];
    if (lifecycle.join() !== expected.lifecycle.slice(known.firstSeq).join()) {
      faults.push(`lifecycle of ${jobId}: ${lifecycle.join()}, and not ${expected.lifecycle.join()}`);
    }
    if (known.progress?.version !== expected.version) {
      faults.push(`version of ${jobId}: ${known.progress?.version}, and not ${expected.version}`);
    } else if (textOf(countsOf(known.progress)) !== expected.counts) {
      faults.push(`counts of ${jobId}: ${textOf(countsOf(known.progress))}, and not ${expected.counts}`);
    }
    return faults;
  });
}
