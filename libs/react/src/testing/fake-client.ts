import type {
  ChildProgress,
  Command,
  ConnectionState,
  JobEvent,
  JobView,
  LogLine,
  OnEvent,
  ParentJobProgress,
  ProgenyClient,
  StoredStep,
  Watch,
  WatchAllOptions,
} from '@progeny/client';

type Watcher = { target: string; onEvent: ((event: JobEvent) => void) | undefined };

/** A client in the hand of a test: tells its listeners at once, and knows who still watches and listens. */
export class FakeClient {
  readonly watchers = new Set<Watcher>();
  readonly listeners = new Set<{ jobId: string | null; tell: () => void }>();
  readonly #stateListeners = new Set<() => void>();
  #state: ConnectionState;
  #jobs = new Map<string, ParentJobProgress>();
  #children = new Map<string, ChildProgress>();
  readonly #subscribed = new Set<{ jobId: string; tell: () => void }>();
  /** What the manager answers, in the hand of a test. */
  readonly api = {
    job: (_: string): Promise<JobView> => Promise.reject(new Error('not asked for in a test')),
    steps: async (_: string): Promise<StoredStep[]> => [],
    log: async (_: string): Promise<LogLine[]> => [],
    command: async (_: string, __: Command): Promise<JobView | null> => null,
  };

  constructor(state: ConnectionState) {
    this.#state = state;
  }

  /** What a leak would leave behind. */
  get held(): { watchers: string[]; listeners: number } {
    return {
      watchers: [...this.watchers].map(({ target }) => target),
      listeners: this.listeners.size + this.#stateListeners.size + this.#subscribed.size,
    };
  }

  setState(state: ConnectionState): void {
    this.#state = state;
    for (const tell of this.#stateListeners) tell();
  }

  /** The gateway begins to tell of this job. */
  subscribed(jobId: string): void {
    for (const { jobId: each, tell } of this.#subscribed) if (each === jobId) tell();
  }

  accept(progress: ParentJobProgress | ChildProgress): void {
    if ('progress_text' in progress) this.#jobs = new Map(this.#jobs).set(progress.job_id, progress);
    else this.#children.set(progress.job_id, progress);
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
      watchAll: (first?: OnEvent | WatchAllOptions) =>
        watch('all', typeof first === 'function' ? first : undefined),
      onSubscribed: (jobId, tell) => join(fake.#subscribed, { jobId, tell }),
      get state() {
        return fake.#state;
      },
      onState: (listener) => join(fake.#stateListeners, () => listener(fake.#state)),
      getJob: (jobId) => fake.#jobs.get(jobId),
      getChild: (jobId) => fake.#children.get(jobId),
      job: (jobId) => fake.api.job(jobId),
      steps: (jobId) => fake.api.steps(jobId),
      log: (jobId) => fake.api.log(jobId),
      command: (jobId, command) => fake.api.command(jobId, command),
      getSnapshot: () => ({ state: fake.#state, jobs: fake.#jobs }),
      subscribe: (tell) => join(fake.listeners, { jobId: null, tell }),
      subscribeJob: (jobId, tell) => join(fake.listeners, { jobId, tell }),
      accept: (progress) => fake.accept(progress),
      resync: () => undefined,
      close: () => undefined,
    };
  }
}
