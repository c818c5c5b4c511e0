import type { JobProgressEvent, LifecycleEvent, ParentJobProgress } from '@progeny/contract';
import type { Owner } from './job-store.ts';

/** A job at one instant: all that a viewer needs to begin with, or to go on from. */
export type Snapshot = Owner & {
  /** Of its last lifecycle event; 0 before the first. */
  seq: number;
  /** The newest `LIMITS.replayedEvents` of its lifecycle, oldest first; of a child those of its present run. */
  lifecycle: LifecycleEvent[];
} & (
    | { kind: 'parent'; progress: ParentJobProgress }
    | { kind: 'child'; progress: JobProgressEvent['payload'] }
  );

export interface Snapshots {
  /** Names the ledger. Another one than before means that what was told since a backup may never have happened. */
  epoch: string;
  snapshots: Snapshot[];
}
