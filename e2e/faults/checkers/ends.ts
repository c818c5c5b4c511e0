import { CHILD_STATUSES } from '@progeny/contract';
import { type Counts, isParentEnded } from '@progeny/core';
import { countedOf, type LifecycleRow, type ParentRow } from './ledger-rows.ts';
import type { Violations } from './violations.ts';

const TERMINAL_EVENTS: Readonly<Record<string, string>> = {
  completed: 'JOB_COMPLETED',
  failed: 'JOB_FAILED',
  cancelled: 'JOB_CANCELLED',
};

/** At any moment: what was counted, with what is still to be folded, is what there is. */
export function checkDrift(violations: Violations, parents: readonly ParentRow[]): void {
  for (const parent of parents) {
    const counted = countedOf(parent);
    if (isSame(counted, parent.children)) continue;
    violations.add(
      'ends',
      `job ${parent.jobId} drifted: counted ${wordsOf(counted)}, SQL ${wordsOf(parent.children)}`,
    );
  }
}

export interface EndState {
  /** Every parent that was accepted. */
  expected: readonly string[];
  parents: readonly ParentRow[];
  lifecycle: readonly LifecycleRow[];
  /** The terminal events that viewers saw, by job. */
  seenEnds: ReadonlyMap<string, ReadonlySet<string>>;
}

/** At the end: every parent has ended once, with the counts of SQL, and everybody was told the same end. */
export function checkEnds(violations: Violations, state: EndState): void {
  const parents = new Map(state.parents.map((parent) => [parent.jobId, parent]));
  const events = new Map<string, string[]>();
  for (const { jobId, type } of state.lifecycle) events.set(jobId, [...(events.get(jobId) ?? []), type]);
  for (const jobId of state.expected) {
    const parent = parents.get(jobId);
    const faults = parent
      ? faultsOfEnd(parent, events.get(jobId) ?? [], state.seenEnds.get(jobId) ?? new Set())
      : ['is not in Postgres'];
    for (const what of faults) violations.add('ends', `job ${jobId} ${what}`);
  }
}

function faultsOfEnd(parent: ParentRow, events: readonly string[], seen: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  if (!isParentEnded(parent.status)) {
    faults.push(`is ${parent.status} for ever: ${wordsOf(parent.children)}`);
  }
  if (!isSame(parent.counts, parent.children)) {
    faults.push(`counts ${wordsOf(parent.counts)}, SQL ${wordsOf(parent.children)}`);
  }
  const expected = ['JOB_STARTED', TERMINAL_EVENTS[parent.status] ?? 'its end'];
  if (events.join() !== expected.join()) {
    faults.push(`has the lifecycle ${events.join(', ')}, not ${expected.join(', ')}`);
  }
  const others = [...seen].filter((type) => type !== expected[1]);
  if (others.length > 0) faults.push(`is ${parent.status}, and a viewer was told ${others.join(', ')}`);
  return faults;
}

/** Drift that an audit found: it counts, and it says so in its log, which outlives a process that was killed. */
export function checkAudit(
  violations: Violations,
  { metrics, logs }: { metrics: readonly string[]; logs: readonly string[] },
): void {
  for (const text of metrics) {
    const drift = Number(/^progress_drift_total(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1] ?? Number.NaN);
    if (drift !== 0) violations.add('ends', `progress_drift_total is ${drift}`);
  }
  for (const line of logs.flatMap((log) => log.split('\n'))) {
    if (line.includes('counts had drifted')) violations.add('ends', `an audit had to correct: ${line}`);
  }
}

const isSame = (one: Counts, other: Counts): boolean =>
  CHILD_STATUSES.every((status) => one[status] === other[status]);

const wordsOf = (counts: Counts): string =>
  CHILD_STATUSES.filter((status) => counts[status] !== 0)
    .map((status) => `${counts[status]} ${status}`)
    .join(', ') || 'nothing';
