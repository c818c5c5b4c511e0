import type { JobError } from '@progeny/contract';
import { progressText } from './parent-progress.ts';
import { nextParentStatus, type ParentFacts } from './parent-status.ts';

/** Why a parent with these facts has failed; null when it has not. */
export function failureOf(facts: ParentFacts): JobError | null {
  if (nextParentStatus('running', facts) !== 'failed') return null;
  const code = reasonOf(facts);
  return { error_code: code, user_message: MESSAGES[code], technical_detail: progressText(facts.counts) };
}

const MESSAGES = {
  too_many_failed: 'More of this job failed than it allows.',
  deadline_exceeded: 'This job was not done by its deadline.',
  seal_timeout: 'Nobody said that this job has all its children, and nothing happened for too long.',
  no_child_succeeded: 'Nothing of this job succeeded.',
};

const reasonOf = ({ stopped, sealExpired }: ParentFacts): keyof typeof MESSAGES => {
  if (stopped !== null && stopped !== 'cancelled') return stopped;
  return sealExpired ? 'seal_timeout' : 'no_child_succeeded';
};
