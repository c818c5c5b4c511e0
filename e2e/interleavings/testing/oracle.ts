import type { JobStatusChange, ParentJobProgress } from '@progeny/contract';
import type { FoldResult, MemoryState } from '@progeny/job-store';
import { createChildLaws } from './child-laws.ts';
import {
  BUCKETS,
  type Buckets,
  ENDS,
  endOf,
  isBeyondPolicy,
  isOpenStatus,
  isOver,
  isTerminal,
  type Moment,
  momentOf,
  momentOfRows,
  nameOf,
  type ParentRow,
} from './moment.ts';
import type { Frame } from './viewer.ts';

/** What one who watches has seen of one parent so far. */
interface Seen {
  version: number;
  seq: number;
  /** Which moment of the parent the last snapshot showed. */
  moment: number;
  over: boolean;
}

/** What is known of a parent before its first fold. */
const UNCOUNTED: Moment = {
  pending: 0,
  running: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  sealed: false,
  retrying: false,
};

/** A lifecycle is START, END, START, END …: so many events hold so many ends. */
const endsIn = (seq: number): number => Math.floor(seq / 2);

/**
 * The naive oracle: it walks all children after every step, and remembers every state in which the rows ever stood.
 * It knows nothing of deltas, folds or versions but that they have to agree with the rows.
 */
export function createOracle(state: MemoryState) {
  const faults: string[] = [];
  const moments = new Map<string, Moment[]>();
  /** How often the rows of a parent were over. */
  const ends = new Map<string, number>();
  /** Children that a retry opened since the last look. */
  const reopened = new Set<string>();
  const versions = new Map<string, string>();
  const foldedVersions = new Set<string>();
  const recorded = new Set<string>();

  const check = (isRight: boolean, fault: string) => {
    if (!isRight) faults.push(fault);
  };
  const children = createChildLaws(state, check);

  const remember = (parent: ParentRow): Moment => {
    const known = moments.get(parent.id) ?? [UNCOUNTED];
    moments.set(parent.id, known);
    const moment = momentOfRows(state, parent);
    const last = known.at(-1);
    if (last && nameOf(last) === nameOf(moment)) return moment;
    const mayGoOn = !last || !isOver(last) || moment.retrying || reopened.has(parent.id);
    check(mayGoOn, `${parent.id} went on after its end: ${nameOf(moment)}`);
    known.push(moment);
    if (isOver(moment)) ends.set(parent.id, (ends.get(parent.id) ?? 0) + 1);
    return moment;
  };

  const checkBooks = (parent: ParentRow, moment: Moment) => {
    const { id, folded, deltas, stop } = parent;
    const booked: Buckets = { ...folded.counts };
    for (const { from, to } of deltas) {
      if (from !== null) booked[from] -= 1;
      booked[to] += 1;
    }
    for (const bucket of BUCKETS) {
      check(booked[bucket] === moment[bucket], `${id}: ${booked[bucket]} ${bucket} for ${moment[bucket]}`);
      check(folded.counts[bucket] >= 0, `${id}: ${folded.counts[bucket]} ${bucket}`);
    }
    check(!stop || parent.sealedAt !== null, `${id} is stopped and takes more children`);
    check(!stop || !parent.pausedAt, `${id} is stopped and paused`);
    // What was opened again and is not counted yet is another matter than its last end.
    if (!ENDS.includes(folded.status) || deltas.length > 0 || moment.retrying) return;
    check(isOver(moment), `${id} is ${folded.status} with ${nameOf(moment)}`);
    // A stop that came after it had ended took back a retry of which nothing was folded: the end before stands.
    const endStands = stop !== null && stop.at > folded.at;
    check(endStands || folded.status === endOf(parent, moment), `${id} ended as ${folded.status}`);
    check(
      !isBeyondPolicy(parent, moment) || folded.status !== 'completed',
      `${id} completed beyond its policy`,
    );
  };

  const checkLifecycle = ({ id, folded, lifecycle }: ParentRow) => {
    const told = lifecycle.map(({ type }) => type);
    const inTurn = told.every((type, index) => isTerminal(type) === (index % 2 === 1));
    check(inTurn, `${id}: ${told}`);
    check(
      ENDS.includes(folded.status) === (told.length > 0 && told.length % 2 === 0),
      `${id} is ${folded.status}: ${told}`,
    );
    check(
      lifecycle.every(({ payload }, index) => payload.seq === index + 1),
      `${id}: gaps`,
    );
    check(endsIn(told.length) <= (ends.get(id) ?? 0), `${id} is said to have ended too often: ${told}`);
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
    check(!over || isOver(moment), `${shown} is no end`);
    checkVersion(progress.job_id, progress.version, progress.status, moment);
    const known = moments.get(progress.job_id) ?? [];
    // After an end only what a retry made of it.
    const from = seen.over ? seen.moment + 1 : seen.moment;
    const at = known.findIndex((one, index) => index >= from && nameOf(one) === nameOf(moment));
    check(at >= 0, `${shown} never was, was before what had been seen, or came after the end`);
    seen.moment = Math.max(seen.moment, at);
    seen.over = over;
  };

  return {
    faults,
    check,
    claimed: children.claimed,
    changed(changes: readonly JobStatusChange[]) {
      for (const change of changes) {
        children.changed(change);
        const { parent_id, from, to } = change;
        if (parent_id !== null && (from === 'failed' || from === 'cancelled') && to === 'pending') {
          reopened.add(parent_id);
        }
      }
    },

    /** After every step: the books balance, and what has ended stays as it is. */
    look() {
      for (const parent of state.parents.values()) {
        if (parent.deletedAt !== null) continue;
        checkBooks(parent, remember(parent));
        const { folded } = parent;
        const retrying = isOpenStatus(folded.status);
        checkVersion(parent.id, folded.version, folded.status, {
          ...folded.counts,
          sealed: folded.sealed,
          retrying,
        });
        checkLifecycle(parent);
      }
      reopened.clear();
      children.look();
    },

    /** What a fold said that it did, whether or not anybody ever hears of it. */
    folded({ progress, changed, lifecycle }: FoldResult) {
      const { job_id, version } = progress;
      const key = `${job_id} v${version}`;
      check(!changed || !foldedVersions.has(key), `${key} was made twice`);
      if (changed) foldedVersions.add(key);
      check(state.parents.get(job_id)?.deletedAt === null, `${job_id} was folded after it was deleted`);
      for (const { type, payload } of lifecycle) {
        const event = `${job_id} ${payload.seq}`;
        check(!recorded.has(event), `${type} ${event} was recorded twice`);
        recorded.add(event);
      }
    },

    gone(jobIds: readonly string[]) {
      for (const jobId of jobIds) {
        const deletedAt = state.parents.get(jobId)?.deletedAt;
        check(deletedAt !== null, `${jobId} is said to be gone, and is not`);
      }
    },

    /** One who watches: what he is shown only moves forward, and each snapshot once was the truth. */
    watcher() {
      const seen = new Map<string, Seen>();
      const told = new Map<string, string[]>();
      return {
        told: (jobId: string) => told.get(jobId) ?? [],
        shown(frame: Frame) {
          const { job_id } = frame.payload;
          // The gateway has forgotten it, and a late event may name it once more: clients drop that by its version.
          if (state.parents.get(job_id)?.deletedAt !== null) return;
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
            check(isTerminal(frame.type) === (seq % 2 === 0), `${job_id}: ${frame.type} is number ${seq}`);
            check(endsIn(seq) <= (ends.get(job_id) ?? 0), `${job_id}: early ${frame.type} ${seq}`);
            told.set(job_id, [...(told.get(job_id) ?? []), frame.type]);
            mine.seq = seq;
          }
        },
      };
    },

    /** When nothing is under way any more: everybody knows the truth, and all of it. */
    atRest(known: (parentId: string) => (ParentJobProgress | undefined)[]) {
      for (const parent of state.parents.values()) {
        if (parent.deletedAt !== null) continue;
        const moment = momentOfRows(state, parent);
        const { version, status } = parent.folded;
        check(parent.deltas.length === 0, `${parent.id} has deltas at rest`);
        check(!moment.retrying, `${parent.id} is being retried at rest`);
        check(parent.stop === null || isOver(moment), `${parent.id} is stopped and open at rest`);
        check(ENDS.includes(status) === isOver(moment), `${parent.id} is ${status} at rest`);
        const isPaused = parent.pausedAt !== null && !ENDS.includes(status);
        check((status === 'paused') === isPaused, `${parent.id} is ${status}, paused or not, at rest`);
        for (const progress of known(parent.id)) {
          const shown = progress && `v${progress.version} ${progress.status} ${nameOf(momentOf(progress))}`;
          check(shown === `v${version} ${status} ${nameOf(moment)}`, `${parent.id} shows ${shown} at rest`);
        }
      }
    },
  };
}

export type Oracle = ReturnType<typeof createOracle>;
