import {
  hasParent,
  isEnded,
  isOfParent,
  isTerminal,
  type JobEvent,
  type LifecycleEvent,
  type ParentJobProgress,
  type ParentJobProgressEvent,
} from './wire.ts';

/** Jobs that are remembered. Beyond it the one that has been silent longest is forgotten. */
export const REMEMBERED_JOBS_MAX = 5_000;

/** `news`: to be told. `old`: known already. `gap`: events before it are missing, so it is left to a replay. */
export type Verdict = 'news' | 'old' | 'gap';

export interface JobLedger {
  /**
   * Judges an event and, when it is news, remembers it: progress by its version, lifecycle by its `seq`, nothing after
   * the end but the start of another run. With `replays`, a missing `seq` or last state makes a gap; without, the
   * watcher takes what comes. `reopens`: a state that was read, not told, says that the job goes on.
   */
  take(event: JobEvent, options?: { replays?: boolean; reopens?: boolean }): Verdict;
  /** The gateway watches a job from this `seq` on; its next snapshot holds all lifecycle events up to there. */
  subscribed(job: { job_id: string; recovered: boolean; seq: number }): void;
  /** True when what came for a job, news or not, says its end and no event of its end is still to come. */
  settles(event: JobEvent): boolean;
  /** The lifecycle of a job is asked for from its beginning, if nothing of it is known. */
  fromStart(jobId: string): void;
  /** Nothing of this run of the job is news any more. */
  end(jobId: string): void;
  /** The job is gone. */
  forget(jobId: string): void;
  hasEnded(jobId: string): boolean;
  /** Which database the gateway speaks of. Of another one, no version and no `seq` means what it did: true. */
  enter(epoch: string): boolean;
  /** Undefined before the first answer of a gateway. */
  readonly epoch: string | undefined;
  /** `seq` of the last lifecycle event, if it is known. */
  cursor(jobId: string): number | undefined;
  /** The newest progress of a job, for whoever comes later. */
  latest(jobId: string): JobEvent[];
  /** The newest state of a parent. */
  progress(jobId: string): ParentJobProgress | undefined;
  /** Whether any state of it is known. */
  knows(jobId: string): boolean;
  /** Whether it has a parent. */
  isWithin(jobId: string): boolean;
  jobIds(): Iterable<string>;
}

interface JobRecord {
  version: number;
  jobVersion: number;
  cursor: number | undefined;
  /** `seq` that the coming snapshot stands for. */
  snapshotSeq: number | undefined;
  /** The state that is known is not older than this event. */
  coveredSeq: number;
  /** Of the state when the last run ended; that of the present one is newer. */
  endedVersion: number;
  /** Where something was found missing. */
  gap: { cursor: number | undefined; isAnswered: boolean } | undefined;
  ended: boolean;
  progress: Map<string, JobEvent>;
}

/** The state of a parent is known and is not that of the end of this run; other jobs have none. */
function lacksLastState({ progress, coveredSeq, endedVersion }: JobRecord, seq: number): boolean {
  const newest = progress.get('parent_job_progress');
  if (newest?.type !== 'parent_job_progress' || seq <= coveredSeq) return false;
  return !isEnded(newest.payload.status) || newest.payload.version <= endedVersion;
}

function keepNewest(progress: Map<string, JobEvent>, event: ParentJobProgressEvent): void {
  const known = progress.get(event.type);
  const isOlder = known?.type === event.type && known.payload.version >= event.payload.version;
  if (!isOlder) progress.set(event.type, event);
}

/** The end of a child belongs to its snapshot, whose `seq` is that of the end: it was not told before. */
const isSnapshotEnd = (event: LifecycleEvent, { cursor, ended }: JobRecord): boolean =>
  isTerminal(event) && !isOfParent(event) && event.payload.seq === cursor && !ended;

/** What is known of each job, and so what is news. `keep` names the jobs that must not be forgotten. */
export function createJobLedger({ keep }: { keep: (jobId: string) => boolean }): JobLedger {
  const records = new Map<string, JobRecord>();
  let epoch: string | undefined;

  const forgetOldest = (): void => {
    for (const jobId of records.keys()) {
      if (records.size <= REMEMBERED_JOBS_MAX) return;
      if (!keep(jobId)) records.delete(jobId);
    }
  };
  /** Put at the end, so that the map's order is the order of the last change. */
  const recordOf = (jobId: string): JobRecord => {
    const record = records.get(jobId) ?? {
      version: 0,
      jobVersion: 0,
      cursor: undefined,
      snapshotSeq: undefined,
      coveredSeq: 0,
      endedVersion: 0,
      gap: undefined,
      ended: false,
      progress: new Map(),
    };
    records.delete(jobId);
    records.set(jobId, record);
    if (records.size > REMEMBERED_JOBS_MAX) forgetOldest();
    return record;
  };

  const takeLifecycle = (event: LifecycleEvent, record: JobRecord, replays: boolean): Verdict => {
    const { seq } = event.payload;
    if (seq <= (record.cursor ?? 0) && !isSnapshotEnd(event, record)) return 'old';
    const isMissing = record.cursor !== undefined && seq > record.cursor + 1;
    if (replays && (isMissing || (isTerminal(event) && lacksLastState(record, seq)))) {
      // What an answer has not brought is not asked for again.
      if (record.gap?.cursor !== record.cursor) record.gap = { cursor: record.cursor, isAnswered: false };
      if (!record.gap?.isAnswered) return 'gap';
    }
    record.cursor = seq;
    record.ended = isTerminal(event);
    if (record.ended) record.endedVersion = record.version;
    return 'news';
  };

  return {
    take(event, { replays = false, reopens = false } = {}) {
      const record = recordOf(event.payload.job_id);
      switch (event.type) {
        case 'parent_job_progress':
          if (event.payload.version <= record.version) return 'old';
          keepNewest(record.progress, event);
          if (reopens) record.ended = false;
          // Behind the end it is known and not told: what is of a new run is told when that has begun.
          if (record.ended) return 'old';
          record.version = event.payload.version;
          return 'news';
        case 'JOB_PROGRESS':
          if (event.payload.version <= record.jobVersion) return 'old';
          if (reopens) record.ended = false;
          if (record.ended) return 'old';
          record.jobVersion = event.payload.version;
          record.progress.set(event.type, event);
          return 'news';
        case 'pipeline_event':
          return 'news';
        default:
          return takeLifecycle(event, record, replays);
      }
    },
    subscribed({ job_id, recovered, seq }) {
      const record = recordOf(job_id);
      record.snapshotSeq = seq;
      // More has happened since the end that is known: a retry.
      if (seq > (record.cursor ?? 0)) record.ended = false;
      if (record.gap) record.gap.isAnswered = true;
      if (!recovered) record.cursor = Math.max(record.cursor ?? 0, seq);
    },
    settles(event) {
      const record = records.get(event.payload.job_id);
      if (!record) return false;
      if (event.type !== 'parent_job_progress') {
        return isTerminal(event) && !isOfParent(event) && record.ended;
      }
      if (record.snapshotSeq === undefined) return false;
      const isBehind = record.cursor !== undefined && record.cursor >= record.snapshotSeq;
      record.coveredSeq = record.snapshotSeq;
      record.snapshotSeq = undefined;
      return isBehind && isEnded(event.payload.status);
    },
    fromStart: (jobId) => {
      recordOf(jobId).cursor ??= 0;
    },
    end: (jobId) => {
      recordOf(jobId).ended = true;
    },
    forget: (jobId) => {
      records.delete(jobId);
    },
    hasEnded: (jobId) => records.get(jobId)?.ended ?? false,
    enter(next) {
      const isOther = epoch !== undefined && epoch !== next;
      epoch = next;
      if (isOther) records.clear();
      return isOther;
    },
    get epoch() {
      return epoch;
    },
    cursor: (jobId) => records.get(jobId)?.cursor,
    latest: (jobId) => [...(records.get(jobId)?.progress.values() ?? [])],
    progress(jobId) {
      const newest = records.get(jobId)?.progress.get('parent_job_progress');
      return newest?.type === 'parent_job_progress' ? newest.payload : undefined;
    },
    knows: (jobId) => (records.get(jobId)?.progress.size ?? 0) > 0,
    isWithin: (jobId) => [...(records.get(jobId)?.progress.values() ?? [])].some(hasParent),
    jobIds: () => records.keys(),
  };
}
