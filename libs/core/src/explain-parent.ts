import type { OpenChild, OpenReason, StopReason } from '@progeny/contract';
import type { ParentState } from './parent-progress.ts';
import { isParentEnded } from './parent-status.ts';

export interface OpenFacts {
  state: Pick<ParentState, 'status' | 'counts'>;
  sealed: boolean;
  stopped: StopReason | null;
  paused: boolean;
  retrying: boolean;
  unfoldedChanges: number;
  /** Those that are known; a big parent has more. */
  openChildren: readonly OpenChild[];
  nowMs: number;
}

/** What keeps a parent from its end, in the order of OPEN_REASONS; nothing when it has ended. */
export function openReasons(facts: OpenFacts): OpenReason[] {
  const { state, sealed, stopped, paused, retrying, unfoldedChanges, openChildren, nowMs } = facts;
  const isReopened = retrying || unfoldedChanges > 0;
  if (isParentEnded(state.status) && !isReopened) return [];
  const reasons: OpenReason[] = [];
  const add = (code: OpenReason['code'], message: string) => reasons.push({ code, message });
  if (!sealed) add('unsealed', 'More children may come: nobody has sealed it.');
  if (stopped !== null) add('cancelling', STOPPED[stopped]);
  if (paused) add('paused', 'It is paused: nobody gets its children until it is resumed.');
  if (retrying) add('retrying', 'Its failed children are being made ready to be tried again.');
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

const STOPPED: Readonly<Record<StopReason, string>> = {
  cancelled: 'It is being cancelled, child by child.',
  too_many_failed: 'More of it failed than it allows: the rest is being cancelled, child by child.',
  deadline_exceeded: 'It is past its deadline: the rest is being cancelled, child by child.',
};

const isLeaseExpired = ({ status, lease_expires_at }: OpenChild, nowMs: number): boolean =>
  status === 'running' && lease_expires_at !== null && Date.parse(lease_expires_at) < nowMs;
