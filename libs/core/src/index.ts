export { assertNever } from './assert-never.ts';
export {
  CHILD_TRANSITIONS,
  type ChildState,
  type Decision,
  decideTransition,
  isEnded,
} from './child-transition.ts';
export {
  type Counts,
  type Delta,
  endedOf,
  equalCounts,
  foldDeltas,
  openOf,
  totalOf,
  zeroCounts,
} from './counts.ts';
export { isInScope, normalizeUrl, scopeOf, scopesOf } from './crawl-url.ts';
export { type OpenFacts, openReasons } from './explain-parent.ts';
export { canSee, type Identity } from './identity.ts';
export { failureOf } from './parent-failure.ts';
export { lifecycleOf, type ParentStep } from './parent-lifecycle.ts';
export {
  type ParentState,
  progressPercentage,
  progressText,
  toParentJobProgress,
} from './parent-progress.ts';
export { isParentEnded, nextParentStatus, type ParentFacts } from './parent-status.ts';
export { problemOf } from './problem.ts';
export { RATE_WINDOW_MS, smoothRate } from './rate.ts';
export { decideReport, type ReportDecision, type ReportedTry } from './report-decision.ts';
export { MAX_ATTEMPTS, retryDelayMs } from './retry.ts';
