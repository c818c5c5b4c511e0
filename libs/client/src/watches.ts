import { JobRefusedError } from './errors.ts';
import type { OnEvent, WatchAllOptions, WatchOptions } from './progeny-client.ts';
import { createWatch, type Watch, type WatchControl } from './watch.ts';
import { hasParent, type JobEvent, NAMED_JOBS_MAX } from './wire.ts';

/** What to ask the gateway for: everything, everything but children, or these jobs. */
export type WatchTarget = 'all' | 'parents' | readonly string[];

export interface Watches {
  add(jobId: string, onEvent?: OnEvent | undefined, options?: WatchOptions): Watch;
  addAll(onEvent: OnEvent | undefined, options?: WatchAllOptions): Watch;
  /** Whether somebody watches this job by its name. */
  has(jobId: string): boolean;
  /** Null when nobody watches anything. More jobs than a connection can name are heard by listening to everything. */
  wanted(): WatchTarget | null;
  named(): readonly string[];
  tell(event: JobEvent): void;
  /** The job has ended: so do the watches of this run, when what they were told is read. */
  end(jobId: string): void;
  refuse(jobId: string, refusal: { code: string; message: string }): void;
  /** Stops every watch, and those that are still to come. */
  stop(): void;
}

export interface WatchesParts {
  /** The newest progress known of a job; without an id, of all. */
  present: (jobId?: string) => JobEvent[];
  hasEnded: (jobId: string) => boolean;
  /** Whether this job has a parent, and so is heard only by who listens to children. */
  isWithin: (jobId: string) => boolean;
  onChange: () => void;
}

/** Who watches what: two components may watch the same job and leave in any order. */
export function createWatches({ present, hasEnded, isWithin, onChange }: WatchesParts): Watches {
  const byJob = new Map<string, Set<WatchControl>>();
  const ofAll = new Map<WatchControl, { children: boolean }>();
  const acrossRuns = new Set<WatchControl>();
  let isStopped = false;

  const leave = (jobId: string, watch: WatchControl): void => {
    const ofJob = byJob.get(jobId);
    ofJob?.delete(watch);
    acrossRuns.delete(watch);
    if (ofJob?.size === 0) byJob.delete(jobId);
    onChange();
  };
  const finish = (jobId: string, task: (watch: WatchControl) => void): void => {
    for (const watch of [...(byJob.get(jobId) ?? [])]) task(watch);
  };

  return {
    add(jobId, onEvent, options) {
      const control = createWatch({
        onEvent,
        keepsForReader: true,
        present: () => present(jobId),
        onLeave: () => leave(jobId, control),
      });
      // Whoever is not told of the job at the moment cannot know that it has not been retried.
      const isTold = byJob.has(jobId) || ofAll.size > 0;
      const ofJob = byJob.get(jobId) ?? new Set();
      byJob.set(jobId, ofJob.add(control));
      if (options?.acrossRuns) acrossRuns.add(control);
      if (isStopped) control.watch.stop();
      else if (isTold && hasEnded(jobId) && !options?.acrossRuns) control.finish('ended');
      else onChange();
      return control.watch;
    },
    addAll(onEvent, { children = false } = {}) {
      const control = createWatch({
        onEvent,
        keepsForReader: false,
        present: () => present().filter((event) => children || !hasParent(event)),
        onLeave: () => {
          ofAll.delete(control);
          onChange();
        },
      });
      ofAll.set(control, { children });
      if (isStopped) control.watch.stop();
      else onChange();
      return control.watch;
    },
    has: (jobId) => byJob.has(jobId),
    wanted() {
      if (ofAll.size > 0 || byJob.size > NAMED_JOBS_MAX) {
        const wantsChildren = [...ofAll.values()].some(({ children }) => children);
        return wantsChildren || [...byJob.keys()].some(isWithin) ? 'all' : 'parents';
      }
      return byJob.size > 0 ? [...byJob.keys()] : null;
    },
    named: () => [...byJob.keys()],
    tell(event) {
      for (const watch of [...(byJob.get(event.payload.job_id) ?? [])]) watch.put(event);
      if (event.type === 'pipeline_event') return;
      for (const [watch, { children }] of [...ofAll]) if (children || !hasParent(event)) watch.put(event);
    },
    end: (jobId) =>
      finish(jobId, (watch) => {
        if (!acrossRuns.has(watch)) watch.finish('ended');
      }),
    refuse: (jobId, { code, message }) =>
      finish(jobId, (watch) => watch.finish('failed', new JobRefusedError(jobId, code, message))),
    stop() {
      isStopped = true;
      for (const jobId of byJob.keys()) finish(jobId, ({ watch }) => watch.stop());
      for (const { watch } of [...ofAll.keys()]) watch.stop();
    },
  };
}
