import type { Frame } from './frame.ts';

/** Progress that waits for a reader who is behind: of each job the newest of each type, so it is bounded by the jobs. */
export class HeldFrames {
  readonly #ofParents = new Map<string, Frame>();
  readonly #ofJobs = new Map<string, Frame>();

  get isEmpty(): boolean {
    return this.#ofParents.size === 0 && this.#ofJobs.size === 0;
  }

  /** True when it took the place of an older one. */
  hold(frame: Frame): boolean {
    const held = frame.message.type === 'JOB_PROGRESS' ? this.#ofJobs : this.#ofParents;
    const { size } = held;
    held.set(jobOf(frame), frame);
    return held.size === size;
  }

  take(jobId: string): Frame[] {
    if (this.isEmpty) return [];
    const frames = [this.#ofParents.get(jobId), this.#ofJobs.get(jobId)];
    this.#ofParents.delete(jobId);
    this.#ofJobs.delete(jobId);
    return frames.filter((frame) => frame !== undefined);
  }

  takeAll(): Frame[] {
    const frames = [...this.#ofParents.values(), ...this.#ofJobs.values()];
    this.#ofParents.clear();
    this.#ofJobs.clear();
    return frames;
  }
}

/** The job that a frame is about; empty for one about none. */
export const jobOf = ({ message: { payload } }: Frame): string => ('job_id' in payload ? payload.job_id : '');
