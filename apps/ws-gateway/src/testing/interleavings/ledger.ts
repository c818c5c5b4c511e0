import type { JobEvent, LifecycleEvent } from '@progeny/contract';
import type { Snapshots } from '@progeny/job-store';
import { lifecycle, OWNER, progress } from '../events.ts';

interface Job {
  version: number;
  lifecycle: LifecycleEvent[];
  ended: boolean;
}

/** What really happened: one row a job, and each commit tells its events in the order in which they are published. */
export function createLedger(jobIds: readonly string[]) {
  const jobs = new Map<string, Job>(jobIds.map((id) => [id, { version: 1, lifecycle: [], ended: false }]));
  let epoch = 1;
  const jobOf = (id: string): Job => {
    const job = jobs.get(id);
    if (!job) throw new Error(`no job ${id}`);
    return job;
  };
  const stateOf = (id: string, { version, ended }: Job) =>
    progress(version, { id, status: ended ? 'cancelled' : 'running' });

  return {
    get epoch() {
      return `epoch-${epoch}`;
    },
    versionOf: (id: string) => jobOf(id).version,
    seqOf: (id: string) => jobOf(id).lifecycle.length,
    hasEnded: (id: string) => jobOf(id).ended,
    /** The ledger is another from now on. */
    renew() {
      epoch += 1;
    },
    commit(id: string, what: 'counts' | 'step' | 'end'): JobEvent[] {
      const job = jobOf(id);
      if (job.ended) return [];
      job.version += 1;
      job.ended = what === 'end';
      const state = stateOf(id, job);
      if (what === 'counts') return [state];
      const event = lifecycle(job.lifecycle.length + 1, {
        id,
        type: job.ended ? 'JOB_CANCELLED' : 'JOB_STARTED',
      });
      job.lifecycle.push(event);
      return job.ended ? [state, event] : [event, state];
    },
    read: (ids: readonly string[]): Snapshots => ({
      epoch: `epoch-${epoch}`,
      snapshots: ids.map((id) => {
        const job = jobOf(id);
        return {
          ...OWNER,
          progress: stateOf(id, job).payload,
          seq: job.lifecycle.length,
          lifecycle: [...job.lifecycle],
        };
      }),
    }),
  };
}

export type Ledger = ReturnType<typeof createLedger>;
