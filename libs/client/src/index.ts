export { connect } from './connect.ts';
export type { ConnectionState } from './connection-state.ts';
export {
  type ClientErrorCode,
  JobRefusedError,
  NoApiUrlError,
  NoWebSocketError,
  ProblemError,
  ProgenyClientError,
  ReaderTooSlowError,
  UnexpectedAnswerError,
  UnreachableError,
} from './errors.ts';
export type {
  ChildProgress,
  ChildView,
  Command,
  JobView,
  LogLine,
  ParentView,
  ProblemCode,
  StoredStep,
} from './http-wire.ts';
export { isParentView } from './http-wire.ts';
export type { JobApi, RequestOptions } from './job-api.ts';
export { createJobLedger, type JobLedger, type Verdict } from './job-ledger.ts';
export type {
  ConnectOptions,
  OnEvent,
  ProgenyClient,
  WatchAllOptions,
  WatchOptions,
} from './progeny-client.ts';
export type { ClientSnapshot, ProgressReader } from './progress-store.ts';
export type { Token } from './token-source.ts';
export type { Watch, WatchState } from './watch.ts';
export type { SocketEvent, WebSocketClass, WebSocketLike } from './web-socket-like.ts';
export type {
  ChildStatus,
  Identity,
  JobError,
  JobEvent,
  JobProgressEvent,
  LifecycleEvent,
  ParentJobProgress,
  ParentJobProgressEvent,
  ParentStatus,
  PipelineEvent,
  PipelineStep,
} from './wire.ts';
