import type { ParentJobProgress } from '@progeny/contract';
import { assertNever, isParentEnded } from '@progeny/core';
import { nounOf } from './job-words.ts';
import { formatCount } from './quantity.ts';

/** What a viewer may order of a parent. */
export type ParentCommand = 'pause' | 'resume' | 'cancel' | 'retry_failed' | 'delete';

export const COMMAND_WORDS: Readonly<Record<ParentCommand | 'retry', { name: string; doing: string }>> = {
  pause: { name: 'Pause', doing: 'Pausing…' },
  resume: { name: 'Resume', doing: 'Resuming…' },
  cancel: { name: 'Cancel', doing: 'Cancelling…' },
  retry_failed: { name: 'Retry failed', doing: 'Retrying…' },
  retry: { name: 'Retry', doing: 'Retrying…' },
  delete: { name: 'Delete', doing: 'Deleting…' },
};

type Shown = Pick<ParentJobProgress, 'parent_id' | 'status' | 'failed_children'>;

/** Holds an open job, or lets a paused one go on; null when it has ended. */
export const holdOf = ({ status }: Shown): 'pause' | 'resume' | null => {
  if (isParentEnded(status)) return null;
  return status === 'paused' ? 'resume' : 'pause';
};

/** What takes the job away: an open one is cancelled first, a nested one goes with the job around it alone. */
export const endOf = ({ parent_id, status }: Shown): 'cancel' | 'delete' | null => {
  if (!isParentEnded(status)) return 'cancel';
  return parent_id === null ? 'delete' : null;
};

export const canRetryFailed = ({ failed_children: failed }: Shown): boolean => failed > 0;

/** Whether an answered command still has its effect to come, judged by what is shown now. */
export function isStillDoing(command: ParentCommand, { status }: Shown): boolean {
  switch (command) {
    case 'pause':
      return status !== 'paused' && !isParentEnded(status);
    case 'resume':
      return status === 'paused';
    case 'cancel':
      return !isParentEnded(status);
    case 'retry_failed':
    case 'delete':
      return false;
    default:
      return assertNever(command);
  }
}

export interface Question {
  title: string;
  /** What will happen. */
  words: string;
  /** The way out. */
  keep: string;
  /** The way on. */
  confirm: string;
}

/** What is asked before a command that cannot be taken back. */
export function questionOf(
  command: 'cancel' | 'delete',
  progress: ParentJobProgress,
  type: string,
): Question {
  const { one, many } = nounOf(type);
  const countOf = (count: number): string => `${formatCount(count)} ${count === 1 ? one : many}`;
  if (command === 'delete') {
    const { total_children: total } = progress;
    const children = total === 0 ? '' : ` with its ${countOf(total)}, their results and the log`;
    return {
      title: 'Delete this job?',
      words: `It goes${children}, for everybody. This cannot be undone.`,
      keep: 'Keep it',
      confirm: 'Delete job',
    };
  }
  const open = progress.pending_children + progress.running_children;
  return {
    title: 'Cancel this job?',
    words: `What is done stays. ${
      open === 0 ? `No ${one} is open` : `${countOf(open)} still open ${open === 1 ? 'is' : 'are'} cancelled`
    }, and no more come.`,
    keep: 'Keep it',
    confirm: 'Cancel job',
  };
}

const REFUSALS: Readonly<Record<string, string>> = {
  job_ended: 'The job has ended meanwhile.',
  job_not_ended: 'The job has not ended yet. Cancel it first.',
  job_cancelling: 'The job is being stopped. Wait until it has ended.',
  nested_job: 'The job belongs to another one, and can only be deleted with it.',
  job_not_found: 'The job is gone: somebody has deleted it.',
  not_retryable: 'Only what has failed or was cancelled can be retried.',
  unauthenticated: 'You are not signed in any more.',
  forbidden: 'Your role does not allow this.',
  rate_limited: 'Too many requests. Try again in a moment.',
  unexpected_answer: 'Something before the server answered in its place. Try again in a moment.',
  unreachable: 'The server did not answer, so it may be done or not. Try again: twice does no harm.',
};

/** Why a command was refused, for people. The code is the stable one; the message is shown of one that is not known here. */
export const refusalWords = ({ code, message }: { code: string; message: string }): string =>
  REFUSALS[code] ?? message;
