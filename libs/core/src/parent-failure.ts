import type { JobError } from '@progeny/contract';
import { progressText } from './parent-progress.ts';
import { nextParentStatus, type ParentFacts } from './parent-status.ts';

/** Why a parent with these facts has failed; null when it has not. */
export function failureOf(facts: ParentFacts): JobError | null {
  if (nextParentStatus('running', facts) !== 'failed') return null;
  const technicalDetail = progressText(facts.counts);
  return facts.sealExpired
    ? {
        error_code: 'seal_timeout',
        user_message: 'Nobody said that this job has all its children, and nothing happened for too long.',
        technical_detail: technicalDetail,
      }
    : {
        error_code: 'no_child_succeeded',
        user_message: 'Nothing of this job succeeded.',
        technical_detail: technicalDetail,
      };
}
