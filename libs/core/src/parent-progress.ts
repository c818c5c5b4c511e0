import type { ParentJobProgress, ParentStatus } from '@progeny/contract';
import { type Counts, endedOf, openOf, totalOf } from './counts.ts';
import { isParentEnded } from './parent-status.ts';

export const progressText = (counts: Counts): string =>
  `${counts.pending} pending, ${counts.running} running, ${counts.completed} completed, ${counts.failed} failed`;

/** Rounded down, so that 999 of 1000 is 99 %; 100 is kept for the end. Within bounds even when a count is at fault. */
export function progressPercentage(counts: Counts, status: ParentStatus): number {
  if (isParentEnded(status)) return 100;
  const total = totalOf(counts);
  if (total <= 0) return 0;
  return Math.max(0, Math.min(99, Math.floor((endedOf(counts) * 100) / total)));
}

/** A parent as it is stored; `toParentJobProgress` makes of it what everybody sees. */
export interface ParentState {
  jobId: string;
  /** The parent that it is nested in. */
  parentId: string | null;
  version: number;
  status: ParentStatus;
  sealed: boolean;
  counts: Counts;
  childrenPerSecond: number;
  verifiedAt: Date | null;
}

/** The one maker of the object that REST, WebSocket, SSE, NATS and the terminal carry. */
export function toParentJobProgress(state: ParentState): ParentJobProgress {
  const { counts, status } = state;
  const rate = isParentEnded(status) ? 0 : state.childrenPerSecond;
  return {
    job_id: state.jobId,
    parent_id: state.parentId,
    version: state.version,
    status,
    sealed: state.sealed,
    total_children: totalOf(counts),
    pending_children: counts.pending,
    running_children: counts.running,
    completed_children: counts.completed,
    failed_children: counts.failed,
    cancelled_children: counts.cancelled,
    skipped_children: counts.skipped,
    progress_text: progressText(counts),
    progress_percentage: progressPercentage(counts, status),
    children_per_second: Math.round(rate * 100) / 100,
    eta_seconds: rate > 0.01 ? Math.ceil(Math.max(0, openOf(counts)) / rate) : null,
    verified_at: state.verifiedAt?.toISOString() ?? null,
  };
}
