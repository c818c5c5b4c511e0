import type { ProgressOutcome } from '@progeny/contract';

/** What somebody says of how far a child is; parts that are left out stay as they are. */
export interface SaidProgress {
  progress?: number | undefined;
  stage?: string | undefined;
  label?: string | undefined;
}

/** Whether it says how far, and not only what happened. */
export const saysHowFar = ({ progress, stage, label }: SaidProgress): boolean =>
  progress !== undefined || stage !== undefined || label !== undefined;

/** What two reports come to, one after the other: of each part the last. A label is the words for one stage. */
export const laterProgress = (before: SaidProgress, after: SaidProgress): SaidProgress => ({
  progress: after.progress ?? before.progress,
  stage: after.stage ?? before.stage,
  label: after.label ?? (after.stage === undefined ? before.label : undefined),
});

/**
 * What a report of progress does to a job; undefined is one that there is not. Steps are of the try that they happened
 * in, even when it has ended since; progress is of a child that runs.
 */
export function decideProgress(
  job: { isChild: boolean; status: string; attempt: number } | undefined,
  report: SaidProgress & { attempt?: number | undefined },
): ProgressOutcome {
  if (!job) return 'unknown_job';
  if (report.attempt !== undefined && report.attempt < job.attempt) return 'stale_attempt';
  if (!saysHowFar(report)) return 'applied';
  return job.isChild && job.status === 'running' ? 'applied' : 'not_running';
}
