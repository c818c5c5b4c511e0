import type { ConnectionState, JobEvent, ParentJobProgress, ProgenyClient, Watch } from '@progeny/client';

type Watcher = { target: string; onEvent: ((event: JobEvent) => void) | undefined };

/** A client in the hand of a test: tells its listeners at once, and knows who still watches and listens. */
export class FakeClient {
  readonly watchers = new Set<Watcher>();
  readonly listeners = new Set<{ jobId: string | null; tell: () => void }>();
  readonly #stateListeners = new Set<() => void>();
  #state: ConnectionState;
  #jobs = new Map<string, ParentJobProgress>();

  constructor(state: ConnectionState) {
    this.#state = state;
  }

  /** What a leak would leave behind. */
  get held(): { watchers: string[]; listeners: number } {
    return {
      watchers: [...this.watchers].map(({ target }) => target),
      listeners: this.listeners.size + this.#stateListeners.size,
    };
  }

  setState(state: ConnectionState): void {
    this.#state = state;
    for (const tell of this.#stateListeners) tell();
  }

  accept(progress: ParentJobProgress): void {
    this.#jobs = new Map(this.#jobs).set(progress.job_id, progress);
    for (const { jobId, tell } of this.listeners) {
      if (jobId === null || jobId === progress.job_id) tell();
    }
  }

  emit(event: JobEvent): void {
    for (const { target, onEvent } of this.watchers) {
      if (target === 'all' || target === event.payload.job_id) onEvent?.(event);
    }
  }

  /** The same object each time, as a real client is. */
  readonly client: ProgenyClient = this.#toClient();

  #toClient(): ProgenyClient {
    const fake = this;
    const join = <Entry>(set: Set<Entry>, entry: Entry): (() => void) => {
      set.add(entry);
      return () => set.delete(entry);
    };
    const watch = (target: string, onEvent: Watcher['onEvent']): Watch => {
      const stop = join(fake.watchers, { target, onEvent });
      return {
        state: 'watching',
        stop,
        async *[Symbol.asyncIterator]() {
          // No test of these hooks iterates.
        },
      };
    };
    return {
      watch: (jobId, onEvent) => watch(jobId, onEvent),
      watchAll: (onEvent) => watch('all', onEvent),
      get state() {
        return fake.#state;
      },
      onState: (listener) => join(fake.#stateListeners, () => listener(fake.#state)),
      getJob: (jobId) => fake.#jobs.get(jobId),
      getSnapshot: () => ({ state: fake.#state, jobs: fake.#jobs }),
      subscribe: (tell) => join(fake.listeners, { jobId: null, tell }),
      subscribeJob: (jobId, tell) => join(fake.listeners, { jobId, tell }),
      accept: (progress) => fake.accept(progress),
      resync: () => undefined,
      close: () => undefined,
    };
  }
}
