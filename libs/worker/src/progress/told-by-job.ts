import { LIMITS, type PipelineStep, type WorkerRequest } from '@progeny/contract';
import { readStep } from './read-step.ts';

type Report = WorkerRequest<'progress'>['reports'][number];

/** What one try of a job has told and nobody has sent: the last progress, and all its steps. */
export interface Told {
  readonly jobId: string;
  readonly attempt: number;
  progress: Pick<Report, 'progress' | 'stage' | 'label'> | null;
  readonly steps: PipelineStep[];
  /** What it takes at most as JSON. */
  bytes: number;
}

const STAGE_MAX_CHARS = 64;
const LABEL_MAX_CHARS = 200;
/** Of everything but the steps: six bytes of each character, the longest that JSON makes of one. */
const BASE_BYTES = 6 * (STAGE_MAX_CHARS + LABEL_MAX_CHARS) + 200;

export const nothingTold = (child: { job_id: string; attempt: number }): Told => ({
  jobId: child.job_id,
  attempt: child.attempt,
  progress: null,
  steps: [],
  bytes: BASE_BYTES,
});

/** As it travels. Apart, for steps are stored even when the job has ended meanwhile, and its progress is not. */
export function toReports({ jobId, attempt, progress, steps }: Told): Report[] {
  const reports: Report[] = [];
  if (progress) reports.push({ job_id: jobId, attempt, ...progress });
  if (steps.length > 0) reports.push({ job_id: jobId, attempt, events: steps });
  return reports;
}

/** A call of `job.progress` or `job.emit`, read: adds itself and answers how many older steps it pushed out. */
export type Telling = (told: Told) => number;

/** Null for what is no progress. */
export function readProgress(percent: unknown, stage: unknown, label: unknown): Telling | null {
  if (typeof percent !== 'number' || Number.isNaN(percent)) return null;
  return (told) => {
    told.progress = {
      // A stage that is not named stays as it was.
      ...told.progress,
      progress: Math.round(Math.min(100, Math.max(0, percent))),
      ...(typeof stage === 'string' && stage !== '' && { stage: stage.slice(0, STAGE_MAX_CHARS) }),
      label: typeof label === 'string' ? label.slice(0, LABEL_MAX_CHARS) : '',
    };
    return 0;
  };
}

/** Null for what is no step. */
export function readEmitted(value: unknown): Telling | null {
  const read = readStep(value);
  return (
    read &&
    ((told) => {
      told.bytes += read.bytes;
      told.steps.push(read.step);
      if (told.steps.length <= LIMITS.pipelineEventsKept) return 0;
      told.steps.shift();
      return 1;
    })
  );
}
