export { type ConnectOptions, connect, type ProgenyClient } from './connect.ts';
export type { ConnectionState } from './connection-state.ts';
export { JobRefusedError, NoWebSocketError, ProgenyClientError, ReaderTooSlowError } from './errors.ts';
export { createJobLedger, type JobLedger, type Verdict } from './job-ledger.ts';
export type { ClientSnapshot, ProgressReader } from './progress-store.ts';
export type { Token } from './token-source.ts';
export type { Watch, WatchState } from './watch.ts';
export type { SocketEvent, WebSocketClass, WebSocketLike } from './web-socket-like.ts';
export type {
  Identity,
  JobError,
  JobEvent,
  JobProgressEvent,
  LifecycleEvent,
  ParentJobProgress,
  ParentJobProgressEvent,
  ParentStatus,
} from './wire.ts';
