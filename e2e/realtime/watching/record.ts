import type { JobEvent, LifecycleEvent, ParentJobProgress, ServerMessage } from '@progeny/contract';
import { isParentEnded } from '@progeny/core';

/** What somebody who watches jobs by docs/PROTOCOL.md knows of one of them, whatever connections it came over. */
export interface Known {
  /** Before the first event that it was owed. */
  firstSeq: number;
  /** Of the last lifecycle event that it has; null before the first `subscribed`. */
  seq: number | null;
  lifecycle: LifecycleEvent[];
  progress: ParentJobProgress | null;
}

/** Everything that one watcher was told, judged as it comes. */
export interface Record {
  readonly known: ReadonlyMap<string, Known>;
  /** What must not happen, in words. */
  readonly faults: readonly string[];
  /** The cursor to come back with. */
  cursor(): { epoch?: string; after_seq?: { [jobId: string]: number } };
  connected(): void;
  subscribed(payload: Extract<ServerMessage, { type: 'subscribed' }>['payload']): void;
  event(event: JobEvent): void;
  complain(fault: string): void;
}

interface OnThisConnection {
  version: number;
  seq: number;
  hasEnded: boolean;
}

const FAULTS_KEPT = 20;

export function createRecord(name: string): Record {
  const known = new Map<string, Known>();
  const faults: string[] = [];
  let connection = new Map<string, OnThisConnection>();
  let epoch: string | null = null;

  const complain = (fault: string) => {
    if (faults.length < FAULTS_KEPT) faults.push(`${name}: ${fault}`);
  };
  const knownOf = (jobId: string): Known => {
    const one = known.get(jobId) ?? { firstSeq: 0, seq: null, lifecycle: [], progress: null };
    known.set(jobId, one);
    return one;
  };
  const hereOf = (jobId: string): OnThisConnection => {
    const here = connection.get(jobId) ?? { version: 0, seq: 0, hasEnded: false };
    connection.set(jobId, here);
    return here;
  };
  const takeProgress = (progress: ParentJobProgress) => {
    const one = knownOf(progress.job_id);
    const here = hereOf(progress.job_id);
    if (here.hasEnded) complain(`progress of ${progress.job_id} after its end`);
    if (progress.version <= here.version) {
      complain(`version ${progress.version} of ${progress.job_id} after ${here.version}`);
    }
    here.version = progress.version;
    if (one.progress === null || progress.version > one.progress.version) one.progress = progress;
  };
  const takeLifecycle = (event: LifecycleEvent) => {
    const { job_id: jobId, seq } = event.payload;
    const one = knownOf(jobId);
    const here = hereOf(jobId);
    if (here.hasEnded) complain(`${event.type} of ${jobId} after its end`);
    if (seq <= here.seq) complain(`${event.type} ${seq} of ${jobId} twice on one connection`);
    here.seq = seq;
    here.hasEnded = event.type !== 'JOB_STARTED';
    if (here.hasEnded && !(one.progress && isParentEnded(one.progress.status))) {
      complain(`${event.type} of ${jobId} before its last progress`);
    }
    if (one.seq === null) complain(`${event.type} of ${jobId} before it was subscribed to`);
    else if (seq <= one.seq) complain(`${event.type} ${seq} of ${jobId} again, which its cursor had`);
    else {
      if (seq !== one.seq + 1) complain(`${event.type} ${seq} of ${jobId} after ${one.seq}`);
      one.seq = seq;
      one.lifecycle.push(event);
    }
  };

  return {
    known,
    faults,
    cursor() {
      if (epoch === null) return {};
      const after = [...known].flatMap(([jobId, { seq }]) => (seq === null ? [] : [[jobId, seq]]));
      return { epoch, after_seq: Object.fromEntries(after) };
    },
    connected() {
      connection = new Map();
    },
    subscribed(payload) {
      epoch = payload.epoch;
      for (const { job_id: jobId, recovered, seq } of payload.jobs) {
        const one = knownOf(jobId);
        if (recovered) continue;
        if (one.seq !== null) complain(`${jobId} was not recovered after ${one.seq}`);
        one.seq = seq;
        one.firstSeq = seq;
      }
    },
    event(event) {
      if (event.type === 'parent_job_progress') takeProgress(event.payload);
      else if (event.type !== 'JOB_PROGRESS' && event.type !== 'pipeline_event') takeLifecycle(event);
    },
    complain,
  };
}
