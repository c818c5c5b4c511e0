import { fitError, fitJson, fitKey, fitText } from './fit.ts';
import type { IdCache } from './id-cache.ts';
import type { Child, Outbox, SaidProgress } from './outbox.ts';
import type { ParentState } from './parent-state.ts';
import { type ParentReporter, type ProgressReport, ReporterError, type StatusReport } from './reporter.ts';
import { nameOf } from './sender.ts';
import { MANAGER_LIMITS } from './wire.ts';

export interface OwnedParent {
  state: ParentState;
  reporter: ParentReporter;
  /** Its id or its refusal is known. */
  settle(): void;
  fail(error: ReporterError): void;
}

export interface ParentParts {
  outbox: Outbox;
  ids: IdCache;
  isClosed(): boolean;
  /** Something waits now, the parent itself too if it has to be created or sealed. */
  onSaid(isParentWaiting: boolean): void;
  onLost(count: number, key?: string): void;
  onRefused(count: number): void;
}

const EMPTY = '{}';

export function createParentReporter(
  state: ParentState,
  { outbox, ids, isClosed, onSaid, onLost, onRefused }: ParentParts,
): OwnedParent {
  let resolveId = (_: string) => {};
  let rejectId = (_: ReporterError) => {};
  const jobId = new Promise<string>((resolve, reject) => {
    resolveId = resolve;
    rejectId = reject;
  });
  // Nobody has to ask for it.
  jobId.catch(() => {});

  const say = () => {
    outbox.trim();
    onSaid(state.id === undefined || state.seal === 'wanted');
  };
  const isHeard = (key?: string): boolean => {
    if (state.refusal !== undefined) onRefused(1);
    else if (isClosed()) onLost(1, key);
    else return true;
    return false;
  };
  const childOf = (key: string): Child =>
    outbox.childOf(state, key) ?? { parent: state, key, id: ids.get(nameOf(state, key)), ops: [] };
  /** Whoever is not known to stand is added first. */
  const add = (child: Child, payload: string) => {
    if (child.id !== undefined || child.ops[0]?.kind === 'add') return;
    outbox.push({ kind: 'add', child, isInFlight: false, payload });
  };

  const reporter: ParentReporter = {
    addChild(rawKey, payload) {
      const key = fitKey(rawKey);
      if (!isHeard(key)) return;
      add(childOf(key), payload === undefined ? EMPTY : fitJson(payload));
      say();
    },
    status(rawKey, report) {
      const key = fitKey(rawKey);
      if (!isHeard(key)) return;
      const child = childOf(key);
      add(child, EMPTY);
      outbox.push({
        kind: 'status',
        child,
        isInFlight: false,
        json: statusJson(report),
        attempt: report.attempt,
        isEnd: report.status !== 'running',
      });
      say();
    },
    progress(rawKey, report) {
      const key = fitKey(rawKey);
      const said = fitProgress(report);
      if (said === null || !isHeard(key)) return;
      const child = childOf(key);
      if (!outbox.mergeProgress(child, said)) {
        add(child, EMPTY);
        outbox.push({ kind: 'progress', child, isInFlight: false, said });
      }
      say();
    },
    seal() {
      if (state.seal !== 'open' || !isHeard()) return;
      if (state.hasLostAdds) {
        onLost(1);
        return;
      }
      state.seal = 'wanted';
      say();
    },
    get jobId() {
      if (state.id === undefined && state.refusal === undefined && !isClosed()) onSaid(true);
      return jobId;
    },
  };
  return {
    state,
    reporter,
    settle() {
      if (state.id !== undefined) resolveId(state.id);
      else if (state.refusal !== undefined) rejectId(new ReporterError('parent_refused', state.refusal));
    },
    fail: rejectId,
  };
}

const statusJson = ({ status, attempt, result, error }: StatusReport): string => {
  const head = JSON.stringify({ status, attempt, ...(error !== undefined && { error: fitError(error) }) });
  return result === undefined ? head : `${head.slice(0, -1)},"result":${fitJson(result)}}`;
};

/** Null when it says nothing. */
function fitProgress({ attempt, progress, stage, label, events = [] }: ProgressReport): SaidProgress | null {
  const isNumber = progress !== undefined && Number.isFinite(progress);
  const hasStage = stage !== undefined && stage !== '';
  if (!isNumber && !hasStage && events.length === 0) return null;
  return {
    ...(attempt !== undefined && { attempt }),
    ...(isNumber && { progress: Math.floor(Math.min(100, Math.max(0, progress))) }),
    ...(hasStage && { stage: fitText(stage, MANAGER_LIMITS.stageMaxChars) }),
    ...(label !== undefined && { label: fitText(label, MANAGER_LIMITS.labelMaxChars) }),
    events: events.slice(-MANAGER_LIMITS.stepsMax),
  };
}
