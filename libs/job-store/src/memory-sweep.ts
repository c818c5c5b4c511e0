import type { JobStatusChange } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';
import { moveChild, startRun } from './memory-children.ts';
import { stop, wakeUp } from './memory-commands.ts';
import { nestedIn } from './memory-nesting.ts';
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
  const nested = nestedIn(world, parent.id).filter(
    ({ stop: stopped, folded }) => !stopped && !isParentEnded(folded.status),
  );
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
  const due = childrenOf(world, parent.id).filter(hasFailedBy(by)).slice(0, limit);
  const failed = nestedIn(world, parent.id).filter(({ folded }) => folded.status === 'failed');
  const awaited = failed.filter(isToRunAgain);
  const asked = failed
    .filter((one) => !isToRunAgain(one) && hasFailedWithin(world, one.id, by))
    .slice(0, limit - due.length);
  const isOver = due.length < limit && awaited.length + asked.length === 0;
  if (isOver) parent.retryRequestedAt = null;
  if (isOver && due.length === 0) return [wakeUp(world, parent)];
  return [
    ...due.flatMap((child) => startRun(world, child)),
    ...asked.map((nested) => {
      reopen(world, nested);
      return askToRetry(world, nested);
    }),
  ];
}

/** Something of it was opened again, which its next fold shows. */
const isToRunAgain = ({ retryRequestedAt, deltas }: ParentRow): boolean =>
  retryRequestedAt !== null || deltas.length > 0;

/** A child that can be tried again, however deep. A failed parent with no such child would be asked for ever. */
const hasFailedWithin = (world: World, parentId: string, by: Date): boolean =>
  childrenOf(world, parentId).some(hasFailedBy(by)) ||
  nestedIn(world, parentId).some(
    ({ id, folded }) => folded.status === 'failed' && hasFailedWithin(world, id, by),
  );

const hasFailedBy =
  (by: Date) =>
  ({ status, finishedAt }: { status: string; finishedAt: Date | null }): boolean =>
    status === 'failed' && finishedAt !== null && finishedAt <= by;
