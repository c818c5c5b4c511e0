import type { JobStatusChange } from '@progeny/contract';
import { childLifecycleOf } from '@progeny/core';
import type { MemoryState } from '@progeny/job-store';
import { isTerminal } from './moment.ts';

interface Known {
  attempt: number;
  run: number;
  /** As what it ended in this run. */
  end: string | undefined;
  version: number;
}

/** What holds of each child, whatever is done to its parent. */
export function createChildLaws(state: MemoryState, check: (isRight: boolean, fault: string) => void) {
  const known = new Map<string, Known>();
  const seqs = new Map<string, number>();

  return {
    /** A change was committed. What it tells of the child's life follows on what was told before, without a gap. */
    changed(change: JobStatusChange) {
      const { job_id: id, parent_id, to, from, run } = change;
      if (parent_id === null) return;
      check(from === null || from !== to, `${id} changed from ${from} to ${to}`);
      for (const { type, payload } of childLifecycleOf(change, { timestamp: '2030-01-01T00:00:00Z' })) {
        const before = seqs.get(id) ?? 0;
        check(payload.seq === before + 1, `${id}: ${type} ${payload.seq} after ${before}`);
        check(
          payload.seq === 2 * run - (isTerminal(type) ? 0 : 1),
          `${id}: ${type} ${payload.seq} in run ${run}`,
        );
        seqs.set(id, payload.seq);
      }
    },

    /** A parent that is stopped, paused or deleted has none of its children given out. */
    claimed(parentId: string) {
      const parent = state.parents.get(parentId);
      check(
        parent?.stop === null && !parent.pausedAt && !parent.deletedAt,
        `${parentId} had a child given out`,
      );
    },

    /** Tries and runs only rise; of two ends in one run the first wins; what is deleted stays as it is. */
    look() {
      for (const { id, parentId, status, attempt, run, version, finishedAt } of state.children.values()) {
        const before = known.get(id) ?? { attempt: 0, run: 1, end: undefined, version: 0 };
        check(attempt >= before.attempt, `${id} went back to try ${attempt}`);
        check(run >= before.run && run <= before.run + 1, `${id} went from run ${before.run} to ${run}`);
        check(
          run === before.run || attempt > before.attempt,
          `${id}: reports of run ${before.run} are not stale`,
        );
        const end = run === before.run ? before.end : undefined;
        check(end === undefined || end === status, `${id} ended as ${end}, and as ${status}`);
        const isDeleted = (state.parents.get(parentId)?.deletedAt ?? null) !== null;
        check(!isDeleted || version === before.version, `${id} changed after its parent was deleted`);
        known.set(id, { attempt, run, version, end: end ?? (finishedAt ? status : undefined) });
      }
    },
  };
}
