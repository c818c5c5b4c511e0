import type { ChildProgress, JobView, LogLine, ProblemCode, StoredStep } from './http-wire.ts';
import { isObject, isProgress } from './server-frame.ts';

/** What every reader relies on; the rest of each shape is the manager's promise, pinned by the contract's golden files. */
export const isChildProgress = (value: unknown): value is ChildProgress =>
  isObject(value) &&
  typeof value.job_id === 'string' &&
  Number.isInteger(value.version) &&
  typeof value.status === 'string' &&
  typeof value.progress_percentage === 'number' &&
  typeof value.progress_stage === 'string';

export const isJobView = (value: unknown): value is JobView =>
  isObject(value) &&
  typeof value.job_id === 'string' &&
  typeof value.status === 'string' &&
  (value.parent_id === null || 'progress' in value
    ? isProgress(value.progress)
    : typeof value.parent_id === 'string');

const areNumbered = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((each) => isObject(each) && Number.isInteger(each.number) && typeof each.at === 'string');

export const isSteps = (value: unknown): value is { events: StoredStep[] } =>
  isObject(value) && areNumbered(value.events);

export const isLogLines = (value: unknown): value is { lines: LogLine[] } =>
  isObject(value) && areNumbered(value.lines);

/** RFC 9457. */
export const isProblem = (
  value: unknown,
): value is { code: ProblemCode; title: string; detail?: string | undefined } =>
  isObject(value) && typeof value.code === 'string' && typeof value.title === 'string';
