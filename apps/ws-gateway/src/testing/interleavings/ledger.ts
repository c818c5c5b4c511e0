import type { JobEvent, LifecycleEvent } from '@progeny/contract';
import type { Snapshot, Snapshots } from '@progeny/job-store';
import { jobProgress, lifecycle, OWNER, PARENT, progress } from '../events.ts';

/**
 * `step`: another start, or the first of a run. `retry`: what ended runs again. `rerun`: so does it, and ends at once. `correct`:
 * the counts that a parent ended with. */
export type Commit = 'counts' | 'step' | 'end' | 'retry' | 'rerun' | 'correct';

interface Job {
  kind: 'parent' | 'child';
  version: number;
  seq: number;
  /** Of a child that of the present run alone. */
  lifecycle: LifecycleEvent[];
  ended: boolean;
  /** Of a child, which has no progress before. */
  started: boolean;
  /** Of the newest progress that was told. */
  toldVersion: number;
  /** The version that each end came with. */
  ends: Map<number, number>;
  /** The `seq` behind which each version is a correction. */
  corrections: Map<number, number>;
}

/** What really happened: one row a job, and each commit tells its events in the order in which they are published. */
export function createLedger({ parents, children }: Record<'parents' | 'children', readonly string[]>) {
  const jobs = new Map<string, Job>();
  for (const id of [...parents, ...children]) {
    jobs.set(id, {
      kind: children.includes(id) ? 'child' : 'parent',
      version: 1,
      seq: 0,
      lifecycle: [],
      ended: false,
      started: false,
      toldVersion: 0,
      ends: new Map(),
      corrections: new Map(),
    });
  }
  let epoch = 1;
  const jobOf = (id: string): Job => {
    const job = jobs.get(id);
    if (!job) throw new Error(`no job ${id}`);
    return job;
  };
  const stateOf = (id: string, { kind, version, ended }: Job) =>
    kind === 'child'
      ? jobProgress(version, { id, parentId: PARENT })
      : progress(version, { id, status: ended ? 'cancelled' : 'running' });

  const append = (id: string, job: Job, type: 'JOB_STARTED' | 'JOB_CANCELLED'): LifecycleEvent => {
    job.seq += 1;
    job.ended = type === 'JOB_CANCELLED';
    job.started = !job.ended;
    const event = lifecycle(job.seq, { id, type, parentId: job.kind === 'child' ? PARENT : null });
    job.lifecycle.push(event);
    if (job.ended) job.ends.set(job.seq, job.version);
    return event;
  };

  const commitParent = (id: string, job: Job, what: Commit): JobEvent[] => {
    if (job.ended !== (what === 'retry' || what === 'rerun' || what === 'correct')) return [];
    job.version += 1;
    if (what === 'correct') {
      job.corrections.set(job.version, job.seq);
      job.toldVersion = job.version;
      return [stateOf(id, job)];
    }
    const started = what === 'step' || job.ended ? [append(id, job, 'JOB_STARTED')] : [];
    const ended = what === 'end' || what === 'rerun' ? [append(id, job, 'JOB_CANCELLED')] : [];
    job.toldVersion = job.version;
    return [...started, stateOf(id, job), ...ended];
  };

  const commitChild = (id: string, job: Job, what: Commit): JobEvent[] => {
    if (what === 'correct' || job.ended !== (what === 'retry' || what === 'rerun')) return [];
    if (job.ended) {
      job.version += 1;
      job.ended = false;
      job.lifecycle = [];
      return what === 'rerun' ? commitChild(id, job, 'end') : [];
    }
    if (what === 'counts' && !job.started) return [];
    if (what === 'step' && job.started) return [];
    job.version += 1;
    if (what === 'counts') {
      job.toldVersion = job.version;
      return [stateOf(id, job)];
    }
    const started = job.started ? [] : [append(id, job, 'JOB_STARTED')];
    return what === 'end' ? [...started, append(id, job, 'JOB_CANCELLED')] : started;
  };

  return {
    get epoch() {
      return `epoch-${epoch}`;
    },
    kindOf: (id: string) => jobOf(id).kind,
    versionOf: (id: string) => jobOf(id).version,
    /** Of the state that everybody who watches has to know in the end. */
    toldVersionOf: (id: string) =>
      jobOf(id).kind === 'child' && !jobOf(id).started ? 0 : jobOf(id).toldVersion,
    seqOf: (id: string) => jobOf(id).seq,
    /** Of the last event that can still be had; what was missed of a child before its retry cannot. */
    keptSeqOf: (id: string) => {
      const { kind, seq, lifecycle: kept } = jobOf(id);
      return kind === 'child' && kept.length === 0 ? 0 : seq;
    },
    /** Of the state that this end came with; 0 for a child, whose end waits for none. */
    versionAtEnd: (id: string, seq: number) =>
      jobOf(id).kind === 'child' ? 0 : (jobOf(id).ends.get(seq) ?? 0),
    isCorrection: (id: string, version: number, seq: number | null) =>
      jobOf(id).corrections.get(version) === seq,
    /** The ledger is another from now on. */
    renew() {
      epoch += 1;
    },
    commit(id: string, what: Commit): JobEvent[] {
      const job = jobOf(id);
      return job.kind === 'child' ? commitChild(id, job, what) : commitParent(id, job, what);
    },
    read: (ids: readonly string[]): Snapshots => ({
      epoch: `epoch-${epoch}`,
      snapshots: ids.map((id) => {
        const job = jobOf(id);
        const { payload } = stateOf(id, job);
        return {
          ...OWNER,
          kind: job.kind,
          progress: payload,
          seq: job.seq,
          lifecycle: [...job.lifecycle],
        } as Snapshot;
      }),
    }),
  };
}

export type Ledger = ReturnType<typeof createLedger>;
