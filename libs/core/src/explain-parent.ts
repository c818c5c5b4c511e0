import type { OpenChild, OpenReason } from '@progeny/contract';
import type { ParentState } from './parent-progress.ts';
import { isParentEnded } from './parent-status.ts';

export interface OpenFacts {
  state: Pick<ParentState, 'status' | 'counts'>;
  sealed: boolean;
  cancelRequested: boolean;
  unfoldedChanges: number;
  /** Those that are known; a big parent has more. */
  openChildren: readonly OpenChild[];
  nowMs: number;
}

/** What keeps a parent from its end, in the order of OPEN_REASONS; nothing when it has ended. */
export function openReasons(facts: OpenFacts): OpenReason[] {
  const { state, sealed, cancelRequested, unfoldedChanges, openChildren, nowMs } = facts;
  if (isParentEnded(state.status)) return [];
  const reasons: OpenReason[] = [];
  const add = (code: OpenReason['code'], message: string) => reasons.push({ code, message });
  if (!sealed) add('unsealed', 'More children may come: nobody has sealed it.');
  if (cancelRequested) add('cancelling', 'It is being cancelled, child by child.');
  const expired = openChildren.filter((child) => isLeaseExpired(child, nowMs)).length;
  if (expired > 0) {
    add('lease_expired', `The worker of ${expired} of its children is silent; they will be given out again.`);
  }
  const { running, pending } = state.counts;
  if (running !== 0)
    add('children_running', `${running} of its children ${running === 1 ? 'is' : 'are'} running.`);
  if (pending !== 0)
    add('children_pending', `${pending} of its children ${pending === 1 ? 'waits' : 'wait'} for a worker.`);
  if (unfoldedChanges > 0) add('changes_unfolded', 'Changes of its children wait to be counted.');
  if (reasons.length === 0) add('end_not_folded', 'Nothing is open any more: the next fold ends it.');
  return reasons;
}

const isLeaseExpired = ({ status, lease_expires_at }: OpenChild, nowMs: number): boolean =>
  status === 'running' && lease_expires_at !== null && Date.parse(lease_expires_at) < nowMs;
