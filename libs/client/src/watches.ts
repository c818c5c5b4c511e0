import { JobRefusedError } from './errors.ts';
import { createWatch, type Watch, type WatchControl } from './watch.ts';
import { type JobEvent, NAMED_JOBS_MAX } from './wire.ts';

/** What to ask the gateway for. */
export type WatchTarget = 'all' | readonly string[];

export interface Watches {
  add(jobId: string, onEvent: ((event: JobEvent) => void) | undefined): Watch;
  addAll(onEvent: ((event: JobEvent) => void) | undefined): Watch;
  /** Whether somebody watches this job by its name. */
  has(jobId: string): boolean;
  /** Null when nobody watches anything. More jobs than a connection can name are heard by listening to everything. */
  wanted(): WatchTarget | null;
  named(): readonly string[];
  tell(event: JobEvent): void;
  /** The job has ended: so do its watches, when what they were told is read. */
  end(jobId: string): void;
  refuse(jobId: string, refusal: { code: string; message: string }): void;
  /** Stops every watch, and those that are still to come. */
  stop(): void;
}

export interface WatchesParts {
  /** The newest progress known of a job; without an id, of all. */
  present: (jobId?: string) => JobEvent[];
  hasEnded: (jobId: string) => boolean;
  onChange: () => void;
}

/** Who watches what: two components may watch the same job and leave in any order. */
export function createWatches({ present, hasEnded, onChange }: WatchesParts): Watches {
  const byJob = new Map<string, Set<WatchControl>>();
  const ofAll = new Set<WatchControl>();
  let isStopped = false;

  const leave = (jobId: string, watch: WatchControl): void => {
    const ofJob = byJob.get(jobId);
    ofJob?.delete(watch);
    if (ofJob?.size === 0) byJob.delete(jobId);
    onChange();
  };
  const finish = (jobId: string, task: (watch: WatchControl) => void): void => {
    for (const watch of [...(byJob.get(jobId) ?? [])]) task(watch);
  };

  return {
    add(jobId, onEvent) {
      const control = createWatch({
        onEvent,
        keepsForReader: true,
        present: () => present(jobId),
        onLeave: () => leave(jobId, control),
      });
      const ofJob = byJob.get(jobId) ?? new Set();
      byJob.set(jobId, ofJob.add(control));
      if (isStopped) control.watch.stop();
      else if (hasEnded(jobId)) control.finish('ended');
      else onChange();
      return control.watch;
    },
    addAll(onEvent) {
      const control = createWatch({
        onEvent,
        keepsForReader: false,
        present,
        onLeave: () => {
          ofAll.delete(control);
          onChange();
        },
      });
      ofAll.add(control);
      if (isStopped) control.watch.stop();
      else onChange();
      return control.watch;
    },
    has: (jobId) => byJob.has(jobId),
    wanted() {
      if (ofAll.size > 0 || byJob.size > NAMED_JOBS_MAX) return 'all';
      return byJob.size > 0 ? [...byJob.keys()] : null;
    },
    named: () => [...byJob.keys()],
    tell(event) {
      for (const watch of [...(byJob.get(event.payload.job_id) ?? []), ...ofAll]) watch.put(event);
    },
    end: (jobId) => finish(jobId, (watch) => watch.finish('ended')),
    refuse: (jobId, { code, message }) =>
      finish(jobId, (watch) => watch.finish('failed', new JobRefusedError(jobId, code, message))),
    stop() {
      isStopped = true;
      for (const jobId of byJob.keys()) finish(jobId, ({ watch }) => watch.stop());
      for (const { watch } of [...ofAll]) watch.stop();
    },
  };
}
