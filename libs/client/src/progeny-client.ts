import type { ConnectionState } from './connection-state.ts';
import type { ChildProgress } from './http-wire.ts';
import type { JobApi } from './job-api.ts';
import type { ProgressReader } from './progress-store.ts';
import type { Token } from './token-source.ts';
import type { Watch } from './watch.ts';
import type { WebSocketClass } from './web-socket-like.ts';
import type { JobEvent, ParentJobProgress } from './wire.ts';

export interface ConnectOptions {
  /** Of the gateway, `ws://…/ws` or `wss://…/ws`. A function is asked before each attempt to connect. */
  url: string | (() => string | Promise<string>);
  /** Of the manager, without a slash at the end, for when no gateway can be reached; left out, nothing is polled. */
  apiUrl?: string | undefined;
  /** Who one is. A function is asked before each attempt to connect, and again before the token expires. */
  token?: Token | undefined;
  /** Node.js has its own from version 22 on; before, that of the package `ws` fits. */
  WebSocket?: WebSocketClass;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  random?: () => number;
}

export type OnEvent = (event: JobEvent) => void;

export interface WatchOptions {
  /** Goes on behind the end of the job, since it may be retried; `stop` alone ends it. Left out: it ends with the job. */
  acrossRuns?: boolean | undefined;
}

export interface WatchAllOptions {
  /** Children as well, which may be millions. Left out: parents alone. */
  children?: boolean | undefined;
}

/** Live progress of jobs, kept right over lost connections, late frames and sleeping tabs; and what one may order. */
export interface ProgenyClient extends ProgressReader, JobApi {
  /**
   * What happens to one job, parent or child, from its present state to its end: call `onEvent`, or read it with
   * `for await`. Steps within it come too, unless everything is watched as well.
   */
  watch(jobId: string, onEvent?: OnEvent | undefined, options?: WatchOptions): Watch;
  /** What happens to every job that one may see, until it is stopped. Lifecycle events missed meanwhile show as state. */
  watchAll(options?: WatchAllOptions): Watch;
  watchAll(onEvent: OnEvent | undefined, options?: WatchAllOptions): Watch;
  /**
   * Calls back each time that the gateway begins to tell of a job that is watched: whatever of it is not told again,
   * such as its steps, is to be read now. Returns the way out.
   */
  onSubscribed(jobId: string, listener: () => void): () => void;
  readonly state: ConnectionState;
  /** Calls back at once after each change of `state`. Returns the way out. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Takes in a state that came another way, by the same rule: only what is newer counts. */
  accept(progress: ParentJobProgress | ChildProgress): void;
  /** Asks for the present state at once and reconnects without waiting. Happens by itself when a tab wakes. */
  resync(): void;
  /** Ends everything for good. */
  close(): void;
}
