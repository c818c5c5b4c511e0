import type { Explanation, OpenChild, ParentStatus, StopReason } from '@progeny/contract';
import { MAX_ATTEMPTS } from '@progeny/core';
import { formatClock, formatSpan } from './duration.ts';

/** What a viewer asks who waits for the end. */
export const whyOpenQuestion = (status: ParentStatus): string =>
  status === 'running' ? 'Why is it still running?' : 'Why has it not ended?';

const STOPS: Readonly<Record<StopReason, string>> = {
  cancelled: 'Told to cancel',
  too_many_failed: 'Stopped, since more failed than it allows,',
  deadline_exceeded: 'Stopped at its deadline',
};

/** Whether more children may come and until when, and since when and why it is being stopped. */
export function outlookInWords(explanation: Explanation, nowMs: number): string[] {
  const { stopped_at: stoppedAt, stop_reason: reason, sealed_at: sealedAt } = explanation;
  const ago = (at: string): string => `${formatSpan(nowMs - Date.parse(at))} ago`;
  return [
    sealedAt === null ? unsealedInWords(explanation, nowMs) : `Sealed ${ago(sealedAt)}.`,
    ...(stoppedAt === null || reason === null ? [] : [`${STOPS[reason]} ${ago(stoppedAt)}.`]),
  ];
}

/** An open child keeps an unsealed parent from its deadline, and each change puts that off. */
function unsealedInWords(explanation: Explanation, nowMs: number): string {
  const { seal_expires_at: expiresAt, folded_at: changedAt, progress } = explanation;
  if (expiresAt === null) return 'It waits for more children for as long as it takes.';
  const expiresMs = Date.parse(expiresAt);
  if (progress.pending_children + progress.running_children > 0) {
    const patience = formatSpan(expiresMs - Date.parse(changedAt));
    return `When its children have ended, it waits ${patience} for more and then fails.`;
  }
  return expiresMs > nowMs
    ? `Fails in ${formatSpan(expiresMs - nowMs)} if nothing happens.`
    : 'Fails any moment now if nothing happens.';
}

/** The try that a running child is in, or that a pending one waits for. A worker outside may count on. */
export function tryInWords({
  is_parent,
  status,
  attempt,
}: Pick<OpenChild, 'is_parent' | 'status' | 'attempt'>): string {
  if (is_parent) return '';
  const number = status === 'running' ? attempt : attempt + 1;
  return number > MAX_ATTEMPTS ? `try ${number}` : `try ${number} of ${MAX_ATTEMPTS}`;
}

/** Who has the child; one that has children of its own is given to nobody. */
export function holderInWords({
  is_parent,
  status,
  lease_owner: owner,
  lease_expires_at,
}: OpenChild): string {
  if (is_parent) return 'no worker';
  if (status === 'pending') return 'no worker yet';
  return owner ?? (lease_expires_at === null ? 'a worker outside' : 'a worker without a name');
}

/** For how long its worker has it, or when it is given out. */
export function holdInWords(child: OpenChild, nowMs: number): string {
  if (child.is_parent) return 'waits for its own children';
  if (child.status === 'pending') {
    const waitMs = Date.parse(child.available_at) - nowMs;
    return waitMs > 0 ? `given out in ${formatSpan(waitMs)}` : 'waits for a worker';
  }
  if (child.lease_expires_at === null) return 'no lease';
  const untilMs = Date.parse(child.lease_expires_at);
  return untilMs > nowMs
    ? `until ${formatClock(untilMs)}, in ${formatSpan(untilMs - nowMs)}`
    : `ran out ${formatSpan(nowMs - untilMs)} ago`;
}

/** True when the worker of a running child has let its lease run out. */
export const hasRunOut = ({ status, lease_expires_at }: OpenChild, nowMs: number): boolean =>
  status === 'running' && lease_expires_at !== null && Date.parse(lease_expires_at) <= nowMs;

/** `Counts verified 12 s ago`. */
export const verifiedInWords = (verifiedAt: string, nowMs: number): string =>
  `Counts verified ${formatSpan(nowMs - Date.parse(verifiedAt))} ago`;
