import { type Frame, slotOf } from './frame.ts';

/** Progress that waits for a reader who is behind: of each job the newest of each type, so it is bounded by the jobs. */
export class HeldFrames {
  /** By slot; null until something is held, which for most readers is never. */
  #frames: Map<string, Frame> | null = null;

  get isEmpty(): boolean {
    return this.#frames === null || this.#frames.size === 0;
  }

  /** True when it took the place of an older one. */
  hold(frame: Frame): boolean {
    this.#frames ??= new Map();
    const { size } = this.#frames;
    this.#frames.set(frame.slot, frame);
    return this.#frames.size === size;
  }

  take(jobId: string): Frame[] {
    if (this.#frames === null || this.#frames.size === 0) return [];
    const taken: Frame[] = [];
    for (const slot of slotsOf(jobId)) {
      const frame = this.#frames.get(slot);
      if (frame && this.#frames.delete(slot)) taken.push(frame);
    }
    return taken;
  }

  takeAll(): Frame[] {
    if (this.#frames === null) return [];
    const frames = [...this.#frames.values()];
    this.#frames.clear();
    return frames;
  }
}

const slotsOf = (jobId: string) => HELD_TYPES.map((type) => slotOf(type, jobId));
const HELD_TYPES = ['parent_job_progress', 'JOB_PROGRESS'] as const;
