import type { Reader } from './reader.ts';
import { Subscription } from './subscription.ts';

interface Audience {
  members: Set<Subscription>;
  release: () => void;
}

/** Who watches which job by its name. */
export class NamedWatches {
  readonly #byReader = new Map<Reader, Map<string, Subscription>>();
  readonly #byJob = new Map<string, Audience>();

  constructor(
    /** Called for the first who names a job, and what it answers after the last one has gone. */
    private readonly onFirst: (tenantId: string, jobId: string) => () => void,
    private readonly onLast: (jobId: string) => void,
  ) {}

  get size(): number {
    return this.#byJob.size;
  }

  readers(): Iterable<Reader> {
    return this.#byReader.keys();
  }

  jobs(): Iterable<string> {
    return this.#byJob.keys();
  }

  has(jobId: string): boolean {
    return this.#byJob.has(jobId);
  }

  of(jobId: string): ReadonlySet<Subscription> {
    return this.#byJob.get(jobId)?.members ?? NOBODY;
  }

  liveOf(jobId: string): Subscription[] {
    return [...this.of(jobId)].filter(({ isLive }) => isLive);
  }

  by(reader: Reader): Iterable<string> {
    return this.#byReader.get(reader)?.keys() ?? [];
  }

  /** The one before of the same job ends. */
  add(reader: Reader, jobId: string): Subscription {
    const mine = this.#byReader.get(reader) ?? new Map<string, Subscription>();
    this.#byReader.set(reader, mine);
    const subscription = new Subscription(reader, jobId);
    this.#enter(subscription);
    this.#drop(mine.get(jobId));
    mine.set(jobId, subscription);
    return subscription;
  }

  remove(reader: Reader, jobId: string): void {
    const mine = this.#byReader.get(reader);
    this.#drop(mine?.get(jobId));
    mine?.delete(jobId);
  }

  leave(reader: Reader): void {
    for (const subscription of this.#byReader.get(reader)?.values() ?? []) this.#drop(subscription);
    this.#byReader.delete(reader);
  }

  #enter(subscription: Subscription): void {
    const { jobId, reader } = subscription;
    const audience = this.#byJob.get(jobId) ?? {
      members: new Set<Subscription>(),
      release: this.onFirst(reader.identity.tenantId, jobId),
    };
    this.#byJob.set(jobId, audience);
    audience.members.add(subscription);
  }

  #drop(subscription: Subscription | undefined): void {
    if (!subscription) return;
    const { jobId, reader } = subscription;
    subscription.end();
    reader.forget(jobId);
    const audience = this.#byJob.get(jobId);
    if (!audience?.members.delete(subscription) || audience.members.size > 0) return;
    this.#byJob.delete(jobId);
    audience.release();
    this.onLast(jobId);
  }
}

const NOBODY: ReadonlySet<Subscription> = new Set();
