export { assertNever } from './assert-never.ts';
export { type ChildFacts, childEnded, childLifecycleOf, childSeq, childStarted } from './child-lifecycle.ts';
export { type ChildRecord, toChildSnapshot, toJobProgress } from './child-snapshot.ts';
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
export { isPolicyBroken } from './failure-policy.ts';
export { canSee, type Identity } from './identity.ts';
export { type ChildProgressState, PAGE_STAGES, type PageStage, QUEUED, shownProgress } from './job-stage.ts';
export { logLine } from './log-line.ts';
export { failureOf } from './parent-failure.ts';
export { lifecycleOf, type ParentStep } from './parent-lifecycle.ts';
export {
  type ParentState,
  progressPercentage,
  progressText,
  toParentJobProgress,
} from './parent-progress.ts';
export {
  childStatusOf,
  isParentEnded,
  nextParentStatus,
  type ParentFacts,
  type StopReason,
  statusesIn,
} from './parent-status.ts';
export { problemOf } from './problem.ts';
export { decideProgress, laterProgress, type SaidProgress, saysHowFar } from './progress-decision.ts';
export { RATE_WINDOW_MS, smoothRate } from './rate.ts';
export { decideReport, type ReportDecision, type ReportedTry, type TriedChild } from './report-decision.ts';
export { hasTriesLeft, MAX_ATTEMPTS, RETRYABLE_ENDS, retryDelayMs } from './retry.ts';
