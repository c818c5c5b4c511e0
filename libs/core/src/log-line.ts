import type { ChildStatus } from '@progeny/contract';
import type { Counts } from './counts.ts';
import { progressText } from './parent-progress.ts';

/** Of an id: what people tell children of one parent apart by. The last part, since ids begin with the time. */
const SHORT_ID_CHARS = 8;

/** One line of a parent's log: what a child went to, and the counts with it. */
export const logLine = (change: { jobId: string; to: ChildStatus }, counts: Counts): string =>
  `Child ${change.jobId.slice(-SHORT_ID_CHARS)} -> ${change.to}. ${progressText(counts)}`;
