import type { Owner } from '@progeny/job-store';
import { JobTrack } from './job-track.ts';

/**
 * Jobs remembered, at some 700 bytes each: 35 MB. Beyond this the one heard longest ago is forgotten, ended ones first;
 * what is heard of it again passes as news, and who watches it by name has the versions it was sent.
 */
export const TRACKED_JOBS_MAX = 50_000;

/** What is known of each job, as far as it is remembered. */
export class KnownJobs {
  /** In the order of the last event. */
  readonly #tracks = new Map<string, JobTrack>();
  /** Those of which the end was told, in the order of their ends. */
  readonly #ended = new Set<string>();

  get(jobId: string): JobTrack | undefined {
    return this.#tracks.get(jobId);
  }

  /** The one heard longest ago first. */
  all(): Iterable<[string, JobTrack]> {
    return this.#tracks;
  }

  /** Something of it is heard. */
  hear(jobId: string, owner: Owner): JobTrack {
    const track = this.#tracks.get(jobId) ?? new JobTrack(owner);
    this.#tracks.delete(jobId);
    this.#tracks.set(jobId, track);
    if (this.#tracks.size > TRACKED_JOBS_MAX) {
      const [oldest] = this.#ended.size > 0 ? this.#ended : this.#tracks.keys();
      if (oldest !== undefined) this.forget(oldest);
    }
    return track;
  }

  /** Its start or its end was told. */
  turn(jobId: string): void {
    this.#ended.delete(jobId);
    if (this.#tracks.get(jobId)?.endTold) this.#ended.add(jobId);
  }

  forget(jobId: string): void {
    this.#tracks.get(jobId)?.flushing?.cancel();
    this.#ended.delete(jobId);
    this.#tracks.delete(jobId);
  }

  /** Nothing that waits for its time goes out any more. */
  close(): void {
    for (const { flushing } of this.#tracks.values()) flushing?.cancel();
  }
}
