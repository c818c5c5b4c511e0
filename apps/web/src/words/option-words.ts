import type { ParentView } from '@progeny/contract';
import { formatSet } from './duration.ts';
import { nounOf } from './job-words.ts';

/** The priority that a job was created with; 0 for one as most are. */
export const priorityOf = ({ spec }: Pick<ParentView, 'spec'>): number =>
  typeof spec.priority === 'number' ? spec.priority : 0;

/** What a job was told beyond the usual: `Priority 10`, `Stops at the first failure`. */
export function optionsInWords({ type, spec }: Pick<ParentView, 'type' | 'spec'>): string[] {
  const { one } = nounOf(type);
  const priority = priorityOf({ spec });
  const policy = policyInWords(spec.failure_policy);
  const span = (seconds: unknown): string | null => (typeof seconds === 'number' ? formatSet(seconds) : null);
  const deadline = span(spec.deadline_seconds);
  const timeout = span(spec.child_timeout_seconds);
  return [
    ...(priority === 0 ? [] : [`Priority ${priority}`]),
    ...(policy === null ? [] : [policy]),
    ...(deadline === null ? [] : [`${deadline} at most`]),
    ...(timeout === null ? [] : [`${timeout} for a ${one}`]),
  ];
}

function policyInWords(policy: unknown): string | null {
  if (policy === 'fail_fast') return 'Stops at the first failure';
  if (typeof policy !== 'object' || policy === null || !('max_failed' in policy)) return null;
  return `Stops when more than ${policy.max_failed} fail`;
}
