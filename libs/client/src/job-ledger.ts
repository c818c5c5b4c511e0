import { isEnded, isTerminal, type JobEvent, type LifecycleEvent, type ParentJobProgress } from './wire.ts';

/** Jobs that are remembered. Beyond it the one that has been silent longest is forgotten. */
export const REMEMBERED_JOBS_MAX = 5_000;

/** `news`: to be told. `old`: known already. `gap`: events before it are missing, so it is left to a replay. */
export type Verdict = 'news' | 'old' | 'gap';

export interface JobLedger {
  /**
   * Judges an event and, when it is news, remembers it: progress by its version, lifecycle by its `seq`, nothing after
   * the end. With `replays`, a missing `seq` or last state makes a gap; without, the watcher takes what comes.
   */
  take(event: JobEvent, options?: { replays: boolean }): Verdict;
  /** The gateway watches a job from this `seq` on; its next snapshot holds all lifecycle events up to there. */
  subscribed(job: { job_id: string; recovered: boolean; seq: number }): void;
  /** True when the state that came for a job says its end and no event of its end is still to come. */
  settles(event: JobEvent): boolean;
  /** The lifecycle of a job is asked for from its beginning, if nothing of it is known. */
  fromStart(jobId: string): void;
  /** Nothing of this job is news any more. */
  end(jobId: string): void;
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
  jobIds(): Iterable<string>;
}

interface JobRecord {
  version: number;
  jobVersion: number;
  cursor: number | undefined;
  /** `seq` that the coming snapshot stands for. */
  snapshotSeq: number | undefined;
  /** Where something was found missing. */
  gap: { cursor: number | undefined; isAnswered: boolean } | undefined;
  ended: boolean;
  progress: Map<string, JobEvent>;
}

/** The state of a parent is known and says that it goes on; other jobs have none. */
function lacksLastState({ progress }: JobRecord): boolean {
  const newest = progress.get('parent_job_progress');
  return newest?.type === 'parent_job_progress' && !isEnded(newest.payload.status);
}

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
    if (record.ended || seq <= (record.cursor ?? 0)) return 'old';
    const isMissing = record.cursor !== undefined && seq > record.cursor + 1;
    if (replays && (isMissing || (isTerminal(event) && lacksLastState(record)))) {
      // What an answer has not brought is not asked for again.
      if (record.gap?.cursor !== record.cursor) record.gap = { cursor: record.cursor, isAnswered: false };
      if (!record.gap?.isAnswered) return 'gap';
    }
    record.cursor = seq;
    record.ended = isTerminal(event);
    return 'news';
  };

  return {
    take(event, { replays } = { replays: false }) {
      const record = recordOf(event.payload.job_id);
      switch (event.type) {
        case 'parent_job_progress':
          if (event.payload.version <= record.version) return 'old';
          record.version = event.payload.version;
          record.progress.set(event.type, event);
          return record.ended ? 'old' : 'news';
        case 'JOB_PROGRESS':
          if (record.ended || event.payload.version <= record.jobVersion) return 'old';
          record.jobVersion = event.payload.version;
          record.progress.set(event.type, event);
          return 'news';
        default:
          return takeLifecycle(event, record, replays);
      }
    },
    subscribed({ job_id, recovered, seq }) {
      const record = recordOf(job_id);
      record.snapshotSeq = seq;
      if (record.gap) record.gap.isAnswered = true;
      if (!recovered) record.cursor = Math.max(record.cursor ?? 0, seq);
    },
    settles(event) {
      if (event.type !== 'parent_job_progress') return false;
      const record = records.get(event.payload.job_id);
      if (!record || record.ended || record.snapshotSeq === undefined) return false;
      const isBehind = record.cursor !== undefined && record.cursor >= record.snapshotSeq;
      record.snapshotSeq = undefined;
      return isBehind && isEnded(event.payload.status);
    },
    fromStart: (jobId) => {
      recordOf(jobId).cursor ??= 0;
    },
    end: (jobId) => {
      recordOf(jobId).ended = true;
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
    jobIds: () => records.keys(),
  };
}
