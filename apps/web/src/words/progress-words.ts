import type { ParentJobProgress, ParentStatus } from '@progeny/contract';
import { assertNever, isParentEnded } from '@progeny/core';
import { formatElapsed } from './duration.ts';
import { nounOf } from './job-words.ts';
import { formatCount } from './quantity.ts';

/**
 * The line under the percentage: what happens now, or what came of it. A crawl finds pages as long as it runs; other
 * work may grow until it is sealed.
 */
export function stateInWords(progress: ParentJobProgress, type: string): string {
  const { status, sealed, total_children: total, completed_children: completed } = progress;
  const { running_children: running } = progress;
  const { one, many } = nounOf(type);
  const count = `${formatCount(total)} ${total === 1 ? one : many}`;
  const isGrowing = type === 'crawl' || !sealed;
  switch (status) {
    case 'pending':
      return total === 0 ? 'Waiting to start' : `Queued: ${count}`;
    case 'running':
      return isGrowing
        ? `${count} so far, ${type === 'crawl' ? 'still discovering' : 'more may come'}`
        : `${count} in all`;
    case 'paused':
      return running === 0 ? `Paused: ${count}` : `Paused, ${formatCount(running)} still at work: ${count}`;
    case 'completed':
      return `Finished: ${count}`;
    case 'failed':
      if (total === 0) return `Failed without ${many}`;
      return `Failed: ${completed === 0 ? 'none' : formatCount(completed)} of ${count} succeeded`;
    case 'cancelled':
      return `Cancelled: ${count}`;
    default:
      return assertNever(status);
  }
}

/** What came of a job that has ended: `Completed: 108 pages, 3 failed`. */
export function endingInWords(progress: ParentJobProgress, noun: { one: string; many: string }): string {
  const { status, completed_children: completed, failed_children: failed } = progress;
  const count = (value: number): string => `${formatCount(value)} ${value === 1 ? noun.one : noun.many}`;
  const name = status.charAt(0).toUpperCase() + status.slice(1);
  return `${name}: ${count(completed)} done${failed > 0 ? `, ${formatCount(failed)} failed` : ''}`;
}

/** Whether it has a speed: what has ended or is held has none, whatever was measured last. */
export const isMoving = ({ status }: Pick<ParentJobProgress, 'status'>): boolean =>
  status !== 'paused' && !isParentEnded(status);

/** Rough time left; a dash while there is no rate to tell it from. */
export function timeLeft({ status, eta_seconds: eta }: ParentJobProgress): string {
  return !isMoving({ status }) || eta === null ? '–' : `~${formatElapsed(eta * 1000)}`;
}

/** For a screen reader: one sentence about the whole. */
export function spokenSummary(progress: ParentJobProgress, name: string): string {
  const { status, progress_percentage: percent, progress_text: text } = progress;
  return isMoving(progress) ? `${name}: ${percent} percent. ${text}.` : `${name} ${status}. ${text}.`;
}

const MARKS: Partial<Record<ParentStatus, string>> = { completed: '✓', failed: '✗', cancelled: '–' };

/** The tab's title: how far it is, seen from another tab. */
export function tabTitle(name: string, progress: ParentJobProgress | undefined): string {
  if (!progress) return `${name} · Progeny`;
  return `${MARKS[progress.status] ?? `${progress.progress_percentage}%`} ${name} · Progeny`;
}
