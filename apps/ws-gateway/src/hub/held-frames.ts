import type { Frame } from './frame.ts';

/** Progress that waits for a reader who is behind: of each job the newest of each type, so it is bounded by the jobs. */
export class HeldFrames {
  /** By type and job; null while there are none, since thousands of readers are seldom behind. */
  #frames: Map<string, Frame> | null = null;

  get isEmpty(): boolean {
    return this.#frames === null;
  }

  /** True when it took the place of an older one. */
  hold(frame: Frame): boolean {
    this.#frames ??= new Map();
    const { size } = this.#frames;
    this.#frames.set(keyOf(frame.message.type, jobOf(frame)), frame);
    return this.#frames.size === size;
  }

  take(jobId: string): Frame[] {
    if (this.#frames === null) return [];
    const taken: Frame[] = [];
    for (const type of HELD_TYPES) {
      const key = keyOf(type, jobId);
      const frame = this.#frames.get(key);
      if (frame && this.#frames.delete(key)) taken.push(frame);
    }
    if (this.#frames.size === 0) this.#frames = null;
    return taken;
  }

  takeAll(): Iterable<Frame> {
    const frames = this.#frames?.values() ?? [];
    this.#frames = null;
    return frames;
  }
}

const HELD_TYPES = ['parent_job_progress', 'JOB_PROGRESS'] as const;
const keyOf = (type: string, jobId: string) => `${type} ${jobId}`;

/** The job that a frame is about; empty for one about none. */
export const jobOf = ({ message: { payload } }: Frame): string => ('job_id' in payload ? payload.job_id : '');
