import type { Frame } from './frame.ts';

/** Progress that waits for a reader who is behind: of each job the newest of each type, so it is bounded by the jobs. */
export class HeldFrames {
  readonly #byJob = new Map<string, Map<string, Frame>>();

  get isEmpty(): boolean {
    return this.#byJob.size === 0;
  }

  /** True when it took the place of an older one. */
  hold(frame: Frame): boolean {
    const jobId = jobOf(frame);
    const ofJob = this.#byJob.get(jobId) ?? new Map<string, Frame>();
    this.#byJob.set(jobId, ofJob);
    const replaced = ofJob.has(frame.message.type);
    ofJob.set(frame.message.type, frame);
    return replaced;
  }

  take(jobId: string): Frame[] {
    const ofJob = this.#byJob.get(jobId);
    this.#byJob.delete(jobId);
    return ofJob ? [...ofJob.values()] : [];
  }

  takeAll(): Frame[] {
    const frames = [...this.#byJob.values()].flatMap((ofJob) => [...ofJob.values()]);
    this.#byJob.clear();
    return frames;
  }
}

/** The job that a frame is about; empty for one about none. */
export const jobOf = ({ message: { payload } }: Frame): string => ('job_id' in payload ? payload.job_id : '');
