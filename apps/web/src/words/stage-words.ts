import type { ChildView, PipelineStep } from '@progeny/contract';
import { assertNever, QUEUED } from '@progeny/core';

/** A stage as a person reads it: its label if it has one, else its name. */
export const stageInWords = ({ stage, label }: { stage: string; label: string }): string =>
  label === '' ? capitalised(stage.replaceAll(/[_-]+/g, ' ')) : label;

/** The line under a child's percentage: what is being done, or what came of it. */
export function childStateInWords(
  child: Pick<ChildView, 'status' | 'progress_stage' | 'progress_label'>,
): string {
  const stage = stageInWords({ stage: child.progress_stage, label: child.progress_label });
  switch (child.status) {
    case 'pending':
      return 'Waits for its turn';
    case 'running':
      // Whoever has it has not told of a stage.
      return child.progress_stage === QUEUED.stage ? 'Begun' : stage;
    case 'completed':
      return 'Done';
    case 'failed':
      return `Failed, last at: ${stage}`;
    case 'cancelled':
      return 'Cancelled';
    case 'skipped':
      return 'Skipped';
    default:
      return assertNever(child.status);
  }
}

/** What a step of a pipeline says has happened. */
export function stepInWords(step: PipelineStep): string {
  switch (step.event) {
    case 'pipeline_started':
      return 'Started';
    case 'page_started':
      return `Page ${step.page_index + 1} begun`;
    case 'page_done':
      return `Page ${step.page_index + 1} ${step.success ? 'done' : 'failed'}`;
    case 'extract_done':
      return 'Extracted';
    case 'assembly_done':
      return 'Assembled';
    case 'pipeline_done':
      return step.success ? 'Finished' : 'Ended without success';
    default:
      return assertNever(step);
  }
}

/** How a step came out; null for one that only says that something began or was done. */
export const successOf = (step: PipelineStep): boolean | null => ('success' in step ? step.success : null);

export const durationOf = (step: PipelineStep): number | null =>
  'duration_ms' in step ? (step.duration_ms ?? null) : null;

const DETAIL_MAX_CHARS = 160;

/** Whatever else a step says, on one line: `bytes 1204, links 7`. Empty for nothing. */
export function detailInWords({ detail = {} }: PipelineStep): string {
  const words = Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return words.length > DETAIL_MAX_CHARS ? `${words.slice(0, DETAIL_MAX_CHARS)}…` : words;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
