/** Every bound of the HTTP, worker and WebSocket borders. What happens beyond each is in docs/OPERATIONS.md. */
export const LIMITS = {
  httpBodyMaxBytes: 8 * 1024 * 1024,
  seedsPerCrawl: 100,
  childrenPerRequest: 10_000,
  statusReportsPerRequest: 1_000,
  /** Claims and reports in one worker request. */
  workerBatch: 500,
  linksPerReport: 2_000,
  childKeyMaxBytes: 2_048,
  payloadMaxBytes: 65_536,
  /** A week. */
  sealTimeoutMaxSeconds: 604_800,
  /** A month. */
  deadlineMaxSeconds: 2_678_400,
  /** A day. */
  childTimeoutMaxSeconds: 86_400,
  /** Parents within one another, the outermost included. */
  nestingMax: 8,
  /** Of one job: the newest, the oldest go. */
  pipelineEventsKept: 200,
  /** Of one parent: the newest, the oldest go. */
  logLinesKept: 200,
  /** Reports of progress, and the steps in them, that wait in one manager for the ledger. */
  progressPartsWaiting: 10_000,
  /** Text of one page that is kept; the rest is cut. */
  pageTextMaxChars: 200_000,
  /** Of each open status; and changes not counted yet, of which more stand for this many. */
  explainedChildren: 20,
  explainedChanges: 10_000,
  listPageMax: 200,
  listPageDefault: 50,
  tokenMaxBytes: 8_192,
  ticketSeconds: 30,
  longPollMaxSeconds: 30,
  /** Of all clients of one manager. */
  longPollsWaiting: 1_000,
  /** Of somebody who is known by a token, at one manager. */
  longPollsPerUser: 50,
  wsFrameMaxBytes: 16_384,
  wsJobsPerConnection: 100,
  /** Of somebody who is known by a token. */
  wsConnectionsPerUser: 10,
  /** Control frames count too. */
  wsMessagesPerSecond: 20,
  wsAuthSeconds: 5,
  wsPongSeconds: 30,
  /** What a reader has not taken yet. */
  wsBufferMaxBytes: 1_048_576,
  /** Of one job to one reader, in a second. */
  progressPerSecond: 10,
  /** Flushes of progress that a reader may leave unanswered before newer progress waits for it. */
  unansweredFlushes: 2,
  /** Lifecycle events of one job that are replayed; who missed more gets the snapshot alone. */
  replayedEvents: 100,
} as const;
