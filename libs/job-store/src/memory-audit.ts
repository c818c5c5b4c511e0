import { equalCounts, foldDeltas, isParentEnded, zeroCounts } from '@progeny/core';
import { unfoldedOf } from './memory-fold.ts';
import { countedIn } from './memory-nesting.ts';
import { type MemoryState, type ParentRow, seenParents, type World } from './memory-state.ts';

export function audit(
  world: World,
  limit: number,
): { audited: number; verified: string[]; drifted: string[] } {
  const due = seenParents(world)
    .filter((parent) => !parent.auditedAtEnd)
    .sort((a, b) => (a.folded.verifiedAt?.getTime() ?? 0) - (b.folded.verifiedAt?.getTime() ?? 0))
    .slice(0, limit);
  const drifted = due.filter((parent) => auditOne(world, parent)).map(({ id }) => id);
  const active = due.filter(({ folded }) => !isParentEnded(folded.status)).map(({ id }) => id);
  return { audited: due.length, verified: active.filter((id) => !drifted.includes(id)), drifted };
}

/** True when the counts had drifted. */
function auditOne(world: World, parent: ParentRow): boolean {
  const truth = countChildren(world, parent.id);
  const drifted = !equalCounts(truth, foldDeltas(parent.folded.counts, unfoldedOf(parent)));
  const hasEnded = isParentEnded(parent.folded.status);
  if (drifted) {
    parent.folded.counts = truth;
    parent.deltas = [];
  }
  // Nothing follows the terminal snapshot, so an ended parent keeps its version.
  if (drifted || !hasEnded) parent.folded.version += 1;
  parent.folded.verifiedAt = world.now();
  parent.auditedAtEnd = hasEnded;
  return drifted;
}

/** The truth: a walk over the children. */
export const countChildren = (world: MemoryState, parentId: string) =>
  foldDeltas(
    zeroCounts,
    countedIn(world, parentId).map(({ status }) => ({ from: null, to: status, count: 1 })),
  );
