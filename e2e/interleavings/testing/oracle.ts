import type { ParentJobProgress } from '@progeny/contract';
import type { FoldResult, MemoryState } from '@progeny/job-store';
import type { Frame } from './viewer.ts';

type ParentRow = NonNullable<ReturnType<MemoryState['parents']['get']>>;
type Buckets = ParentRow['folded']['counts'];

/** What anybody may know of a parent: its buckets and whether more may come. */
interface Moment extends Buckets {
  sealed: boolean;
}

const BUCKETS = ['pending', 'running', 'completed', 'failed', 'cancelled', 'skipped'] as const;
const ENDS = ['completed', 'failed', 'cancelled'];
const TERMINAL = ['JOB_COMPLETED', 'JOB_FAILED', 'JOB_CANCELLED'];

const isOver = (moment: Moment): boolean => moment.sealed && moment.pending + moment.running === 0;
const nameOf = (moment: Moment): string =>
  [...BUCKETS.map((bucket) => moment[bucket]), moment.sealed].join(' ');

/** The rule for the end once more, by somebody who has not read it. */
function endOf(
  { cancelRequestedAt, sealExpired }: ParentRow,
  { completed, skipped, failed }: Moment,
): string {
  if (cancelRequestedAt) return 'cancelled';
  if (sealExpired) return 'failed';
  return failed > 0 && completed === 0 && skipped === 0 ? 'failed' : 'completed';
}

export const momentOf = (progress: ParentJobProgress): Moment => ({
  pending: progress.pending_children,
  running: progress.running_children,
  completed: progress.completed_children,
  failed: progress.failed_children,
  cancelled: progress.cancelled_children,
  skipped: progress.skipped_children,
  sealed: progress.sealed,
});

/** What one who watches has seen of one parent so far. */
interface Seen {
  version: number;
  seq: number;
  /** Which moment of the parent the last snapshot showed. */
  moment: number;
  over: boolean;
}

/**
 * The naive oracle: it walks all children after every step, and remembers every state in which the rows ever stood.
 * It knows nothing of deltas, folds or versions but that they have to agree with the rows.
 */
export function createOracle(state: MemoryState) {
  const faults: string[] = [];
  const moments = new Map<string, Moment[]>();
  const firstEnds = new Map<string, string>();
  const attempts = new Map<string, number>();
  const versions = new Map<string, string>();
  const foldedVersions = new Set<string>();
  const endsFolded = new Map<string, number>();

  const check = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault);
  };

  const walk = (parent: ParentRow): Moment => {
    const moment = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0 };
    for (const { parentId, status } of state.children.values()) {
      if (parentId === parent.id) moment[status] += 1;
    }
    return { ...moment, sealed: parent.sealedAt !== null };
  };

  const remember = (parent: ParentRow): Moment => {
    const known = moments.get(parent.id) ?? [];
    moments.set(parent.id, known);
    const moment = walk(parent);
    const last = known.at(-1);
    if (last && nameOf(last) === nameOf(moment)) return moment;
    check(!last || !isOver(last), `${parent.id} went on after its end: ${nameOf(moment)}`);
    known.push(moment);
    return moment;
  };

  const checkBooks = (parent: ParentRow, moment: Moment) => {
    const { id, folded, deltas } = parent;
    const booked: Record<(typeof BUCKETS)[number], number> = { ...folded.counts };
    for (const { from, to, count } of deltas) {
      if (from !== null) booked[from] -= count;
      if (to !== null) booked[to] += count;
    }
    for (const bucket of BUCKETS) {
      check(booked[bucket] === moment[bucket], `${id}: ${booked[bucket]} ${bucket} for ${moment[bucket]}`);
      check(folded.counts[bucket] >= 0, `${id}: ${folded.counts[bucket]} ${bucket}`);
    }
    if (!ENDS.includes(folded.status)) return;
    check(isOver(moment), `${id} is ${folded.status} with ${nameOf(moment)}`);
    check(folded.status === endOf(parent, moment), `${id} ended as ${folded.status}`);
  };

  /** Two states of one version are one state, whoever shows it. */
  const checkVersion = (jobId: string, version: number, status: string, moment: Moment) => {
    const key = `${jobId} v${version}`;
    const shown = `${status} ${nameOf(moment)}`;
    const before = versions.get(key) ?? shown;
    versions.set(key, before);
    check(before === shown, `${key} is ${before}, and ${shown}`);
  };

  const checkSnapshot = (progress: ParentJobProgress, seen: Seen) => {
    const moment = momentOf(progress);
    const total = BUCKETS.reduce((sum, bucket) => sum + moment[bucket], 0);
    const open = moment.pending + moment.running;
    const over = ENDS.includes(progress.status);
    const shown = `${progress.job_id} v${progress.version} ${progress.status} ${nameOf(moment)}`;
    const { pending, running, completed, failed } = moment;
    const text = `${pending} pending, ${running} running, ${completed} completed, ${failed} failed`;
    check(progress.progress_text === text && progress.total_children === total, `${shown}: text or total`);
    const percentage = total === 0 ? 0 : Math.min(99, Math.floor(((total - open) * 100) / total));
    check(progress.progress_percentage === (over ? 100 : percentage), `${shown}: percentage`);
    check(!seen.over, `${shown} came after the end`);
    check(!over || isOver(moment), `${shown} is no end`);
    checkVersion(progress.job_id, progress.version, progress.status, moment);
    const known = moments.get(progress.job_id) ?? [];
    const at = known.findIndex((one, index) => index >= seen.moment && nameOf(one) === nameOf(moment));
    check(at >= 0, `${shown} never was, or was before what had been seen`);
    seen.moment = Math.max(seen.moment, at);
    seen.over = over;
  };

  return {
    faults,
    check,

    /** After every step: the books balance, and what has ended stays as it is. */
    look() {
      for (const parent of state.parents.values()) {
        const moment = remember(parent);
        checkBooks(parent, moment);
        const { folded, lifecycle } = parent;
        checkVersion(parent.id, folded.version, folded.status, { ...folded.counts, sealed: folded.sealed });
        const told = lifecycle.map(({ type }) => type);
        const ends = told.filter((type) => TERMINAL.includes(type)).length;
        check(ends === (ENDS.includes(folded.status) ? 1 : 0), `${parent.id}: ${told.join()}`);
        check(told.length === 0 || told[0] === 'JOB_STARTED', `${parent.id} begins with ${told[0]}`);
        check(
          lifecycle.every(({ payload }, index) => payload.seq === index + 1),
          `${parent.id}: gaps`,
        );
      }
      for (const { id, status, attempt, finishedAt } of state.children.values()) {
        check(attempt >= (attempts.get(id) ?? 0), `${id} went back to try ${attempt}`);
        attempts.set(id, attempt);
        const first = firstEnds.get(id);
        if (finishedAt && first === undefined) firstEnds.set(id, status);
        check(first === undefined || first === status, `${id} ended as ${first}, and as ${status}`);
      }
    },

    /** What a fold said that it did, whether or not anybody ever hears of it. */
    folded({ progress, changed, lifecycle }: FoldResult) {
      const { job_id, version } = progress;
      const key = `${job_id} v${version}`;
      check(!changed || !foldedVersions.has(key), `${key} was made twice`);
      if (changed) foldedVersions.add(key);
      const ends = lifecycle.filter(({ type }) => TERMINAL.includes(type)).length;
      endsFolded.set(job_id, (endsFolded.get(job_id) ?? 0) + ends);
      check((endsFolded.get(job_id) ?? 0) <= 1, `${job_id} ended twice`);
    },

    /** One who watches: what he is shown only moves forward, and each snapshot once was the truth. */
    watcher() {
      const seen = new Map<string, Seen>();
      const told = new Map<string, string[]>();
      return {
        told: (jobId: string) => told.get(jobId) ?? [],
        shown(frame: Frame) {
          const { job_id } = frame.payload;
          const mine = seen.get(job_id) ?? { version: 0, seq: 0, moment: 0, over: false };
          seen.set(job_id, mine);
          if (frame.type === 'parent_job_progress') {
            const { version } = frame.payload;
            check(version > mine.version, `${job_id}: v${version} was shown after v${mine.version}`);
            checkSnapshot(frame.payload, mine);
            mine.version = version;
          } else {
            const { seq } = frame.payload;
            check(seq > mine.seq, `${job_id}: ${frame.type} ${seq} was told after ${mine.seq}`);
            check(!TERMINAL.includes(frame.type) || isOver(lastOf(job_id)), `${job_id}: early ${frame.type}`);
            told.set(job_id, [...(told.get(job_id) ?? []), frame.type]);
            mine.seq = seq;
          }
        },
      };
    },

    /** When nothing is under way any more: everybody knows the truth, and all of it. */
    atRest(known: (parentId: string) => (ParentJobProgress | undefined)[]) {
      for (const parent of state.parents.values()) {
        const moment = walk(parent);
        const { version, status } = parent.folded;
        check(parent.deltas.length === 0, `${parent.id} has deltas at rest`);
        check(ENDS.includes(status) === isOver(moment), `${parent.id} is ${status} at rest`);
        for (const progress of known(parent.id)) {
          const shown = progress && `v${progress.version} ${progress.status} ${nameOf(momentOf(progress))}`;
          check(shown === `v${version} ${status} ${nameOf(moment)}`, `${parent.id} shows ${shown} at rest`);
        }
      }
    },
  };

  function lastOf(parentId: string): Moment {
    const last = moments.get(parentId)?.at(-1);
    if (!last) throw new Error('every parent has a first moment');
    return last;
  }
}

export type Oracle = ReturnType<typeof createOracle>;
export const isTerminal = (type: string): boolean => TERMINAL.includes(type);
