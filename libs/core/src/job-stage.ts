import type { ChildStatus } from '@progeny/contract';

/** How far a crawled page is, by what is being done and not by time, in percent. */
export const PAGE_STAGES = {
  queued: 0,
  fetching: 10,
  parsing: 40,
  extracting: 60,
  storing: 80,
  complete: 100,
} as const;
export type PageStage = keyof typeof PAGE_STAGES;

export interface ChildProgressState {
  /** Percent. */
  progress: number;
  stage: string;
  label: string;
}

export const QUEUED: ChildProgressState = { progress: 0, stage: 'queued', label: '' };
const COMPLETE: ChildProgressState = { progress: 100, stage: 'complete', label: '' };

/** What a child shows: what was last reported in this try, but queued before it begins and complete when it is. */
export function shownProgress(status: ChildStatus, reported: ChildProgressState): ChildProgressState {
  if (status === 'pending') return QUEUED;
  return status === 'completed' ? COMPLETE : reported;
}
