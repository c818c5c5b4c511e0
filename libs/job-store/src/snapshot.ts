import type { LifecycleEvent } from '@progeny/contract';
import type { OwnedProgress } from './job-store.ts';

/** A parent at one instant: all that a viewer needs to begin with, or to go on from. */
export interface Snapshot extends OwnedProgress {
  /** Of its last lifecycle event; 0 before the first. */
  seq: number;
  /** The newest `LIMITS.replayedEvents` of its lifecycle, oldest first. */
  lifecycle: LifecycleEvent[];
}

export interface Snapshots {
  /** Names the ledger. Another one than before means that what was told since a backup may never have happened. */
  epoch: string;
  snapshots: Snapshot[];
}
