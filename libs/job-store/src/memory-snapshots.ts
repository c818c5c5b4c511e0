import { LIMITS } from '@progeny/contract';
import { toChildSnapshot } from '@progeny/core';
import { recordOf } from './memory-progress.ts';
import {
  type ChildRow,
  findChild,
  findParent,
  type ParentRow,
  parentOf,
  type World,
} from './memory-state.ts';
import { progressOf } from './memory-views.ts';
import type { Snapshot, Snapshots } from './snapshot.ts';

export const readSnapshots = (world: World, jobIds: readonly string[]): Snapshots => ({
  epoch: world.ledger.epoch,
  snapshots: [...new Set(jobIds)].flatMap((id) => {
    const parent = findParent(world, id);
    if (parent) return [ofParent(parent)];
    const child = findChild(world, id);
    return child ? [ofChild(world, child)] : [];
  }),
});

const ofParent = (parent: ParentRow): Snapshot => ({
  ...parent.owner,
  kind: 'parent',
  progress: progressOf(parent),
  seq: parent.lifecycle.length,
  lifecycle: parent.lifecycle.slice(-LIMITS.replayedEvents),
});

const ofChild = (world: World, child: ChildRow): Snapshot => ({
  ...parentOf(world, child).owner,
  kind: 'child',
  ...toChildSnapshot(recordOf(world, child)),
});
