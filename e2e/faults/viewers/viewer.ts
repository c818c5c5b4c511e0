import {
  type LifecycleEvent,
  lifecycleEventSchema,
  type ParentJobProgress,
  parentJobProgressSchema,
} from '@progeny/contract';
import type { ConvergenceChecker, Target } from '../checkers/convergence.ts';
import { endedOf } from '../checkers/ledger-rows.ts';
import { countsOf } from '../checkers/snapshot-faults.ts';
import type { SnapshotChecker, SnapshotLine, ViewerKind } from '../checkers/snapshots.ts';

/** Somebody who watches, reconnects for ever, and has every frame judged as it comes. */
export interface Viewer {
  readonly name: string;
  /** Whether it has to get that far. */
  owes(target: Target): boolean;
  /** Told of every new parent. */
  parentCreated(jobId: string): void;
  close(): void | Promise<void>;
}

export interface ViewerParts {
  snapshots: SnapshotChecker;
  convergence: ConvergenceChecker;
  /** The present state of a job, from whichever manager answers; null for a job that is not known yet. */
  readProgress(jobId: string): Promise<ParentJobProgress | null>;
}

/** Where a viewer's frames go. */
export interface Sighting {
  connected(): void;
  /** Whether anything of the job has been seen. */
  knows(jobId: string): boolean;
  /** A message from the gateway or the bus; what is no event is left alone. */
  event(message: { type: string; payload?: unknown }): void;
  progress(progress: ParentJobProgress): void;
  /** Takes note of a state that was read beside the frames, as a page does when it comes back. */
  read(progress: ParentJobProgress): void;
  lifecycle(event: LifecycleEvent): void;
}

export function createSighting(
  name: string,
  kind: ViewerKind,
  { snapshots, convergence }: ViewerParts,
  onProgress: (progress: ParentJobProgress) => void = () => {},
): Sighting {
  const line: SnapshotLine = snapshots.viewer(name, kind);
  const known = new Set<string>();
  const reached = (progress: ParentJobProgress) => {
    known.add(progress.job_id);
    convergence.saw(name, progress.job_id, {
      version: progress.version,
      ended: endedOf(countsOf(progress)),
    });
  };
  const sighting: Sighting = {
    connected: () => line.connected(),
    knows: (jobId) => known.has(jobId),
    progress(progress) {
      line.progress(progress);
      reached(progress);
      onProgress(progress);
    },
    read: reached,
    lifecycle: (event) => line.lifecycle(event),
    event(message) {
      if (message.type === 'parent_job_progress') {
        sighting.progress(parentJobProgressSchema.parse(message.payload));
      } else if (message.type.startsWith('JOB_') && message.type !== 'JOB_PROGRESS') {
        sighting.lifecycle(lifecycleEventSchema.parse(message));
      }
    },
  };
  return sighting;
}

/**
 * Who watches everything is owed every job that goes on, and each that he was told of. One that came and went while
 * the gateway heard nothing is history: the gateway looks back for the newest only.
 */
export const owesToWatcher =
  ({ knows }: Sighting) =>
  ({ jobId, hasEnded }: Target): boolean =>
    !hasEnded || knows(jobId);

export const RECONNECT_AFTER_MS = 200;
