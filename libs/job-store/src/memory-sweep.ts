import type { JobStatusChange } from '@progeny/contract';
import { moveChild, startRun } from './memory-children.ts';
import { hasEnded, stop, wakeUp } from './memory-commands.ts';
import { countedIn, nestedIn } from './memory-nesting.ts';
import { askToRetry, reopen } from './memory-retry.ts';
import { childrenOf, findParent, type ParentRow, type World } from './memory-state.ts';

export function sweep(world: World, parentId: string, limit: number): JobStatusChange[] {
  const parent = findParent(world, parentId);
  if (!parent) return [];
  if (parent.stop) return cancelOpen(world, parent, limit);
  return parent.retryRequestedAt ? retryFailed(world, parent, { by: parent.retryRequestedAt, limit }) : [];
}

/** Running ones first: somebody works on them for nothing. Nested ones last: they are swept by themselves. */
function cancelOpen(world: World, parent: ParentRow, limit: number): JobStatusChange[] {
  const children = childrenOf(world, parent.id);
  const open = ['running', 'pending'].flatMap((open) => children.filter(({ status }) => status === open));
  const cancelled = open.slice(0, limit).flatMap((child) => moveChild(world, child, 'cancelled'));
  const nested = nestedIn(world, parent.id).filter((one) => !one.stop && !hasEnded(world, one));
  const stopped = nested.slice(0, limit - cancelled.length).map((one) => {
    stop(one, 'cancelled', world.now());
    return wakeUp(world, one);
  });
  return [...cancelled, ...stopped];
}

/**
 * A nested one has its own failed children retried. Until it runs again it counts as failed, and the retry is not over:
 * or the parent would end in between.
 */
function retryFailed(
  world: World,
  parent: ParentRow,
  { by, limit }: { by: Date; limit: number },
): JobStatusChange[] {
  const due = childrenOf(world, parent.id).filter(hasFailedBy(by));
  const nested = nestedIn(world, parent.id)
    .filter(({ folded }) => folded.status === 'failed')
    .map((row) => ({ row, isDue: isNestedDue(world, row, by) }));
  const isOver =
    due.length < limit &&
    nested.every(({ row, isDue }) => !isDue && row.retryRequestedAt === null && row.deltas.length === 0);
  const dueNested = nested.filter(({ isDue }) => isDue).slice(0, Math.max(0, limit - due.length));
  if (isOver) parent.retryRequestedAt = null;
  if (isOver && due.length === 0) return [wakeUp(world, parent)];
  return [
    ...due.slice(0, limit).flatMap((child) => startRun(world, child)),
    ...dueNested.map(({ row }) => {
      reopen(world, row);
      return askToRetry(world, row);
    }),
  ];
}

const hasFailedBy =
  (by: Date) =>
  ({ status, finishedAt }: { status: string; finishedAt: Date | null }): boolean =>
    status === 'failed' && finishedAt !== null && finishedAt <= by;

/** One that is being stopped is left to its end. */
const isNestedDue = (world: World, row: ParentRow, by: Date): boolean =>
  row.retryRequestedAt === null &&
  (row.stop === null || hasEnded(world, row)) &&
  countedIn(world, row.id).some(hasFailedBy(by));
