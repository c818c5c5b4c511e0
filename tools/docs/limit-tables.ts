import { LIMITS } from '@progeny/contract';
import { code, table } from './markdown-table.ts';

type Limit = keyof typeof LIMITS;

/** What each limit of the API and of workers bounds, and what happens beyond it. */
const OF_THE_API = {
  httpBodyMaxBytes: 'body of an HTTP request; beyond it 413 `body_too_large`',
  seedsPerCrawl: 'seeds of one crawl; beyond it 400',
  childrenPerRequest: 'children in one request; beyond it 400',
  nestingMax: 'parents within one another; beyond it 409 `nested_too_deep`',
  statusReportsPerRequest: 'status reports in one request; beyond it 400',
  workerBatch: 'children in one claim, report or heartbeat; beyond it the request is refused',
  linksPerReport: 'children found by one page; the worker keeps the first',
  childKeyMaxBytes: 'key of a child in UTF-8; beyond it 400',
  payloadMaxBytes: 'payload or result of a child as JSON; beyond it 400',
  sealTimeoutMaxSeconds: '`seal_timeout_seconds` of a job, a week; beyond it 400',
  deadlineMaxSeconds: '`deadline_seconds` of a job, a month; beyond it 400',
  childTimeoutMaxSeconds: '`child_timeout_seconds` of a job, a day; beyond it 400',
  pipelineEventsKept: 'pipeline events kept of one job: the newest',
  logLinesKept: 'lines of its log kept of one parent: the newest',
  progressPartsWaiting:
    'reports of progress and steps that wait in one manager for PostgreSQL; beyond it they are dropped and counted',
  pageTextMaxChars: 'text kept of one page; the rest is cut',
  explainedChildren: 'children of each open status that an explanation names: the oldest',
  explainedChanges: 'changes not counted yet that an explanation counts; more stand as this many',
  listPageMax: 'entries of one page of a list; beyond it 400',
  listPageDefault: 'entries of one page of a list when none is asked for',
  longPollMaxSeconds: '`wait` of a long poll; beyond it 400',
  longPollsWaiting: 'long polls that wait at one manager; the others are answered at once',
  longPollsPerUser: 'of them, those of one user who is known by a token',
};

/** The same of the realtime protocol. */
const OF_THE_PROTOCOL = {
  tokenMaxBytes: 'a token; beyond it it is not valid: 401, 4401, or 4400 in an `auth` message',
  ticketSeconds: 'seconds that a ticket is good for, once',
  wsAuthSeconds: 'seconds for the first `auth`; then 4401',
  wsConnectionsPerUser: 'connections of one user of a token; beyond it 429, or 4429 after an `auth`',
  wsFrameMaxBytes: 'a message from a client; beyond it 1009',
  wsMessagesPerSecond: 'messages and control frames from a client; beyond it 4429',
  wsJobsPerConnection: 'jobs that one connection watches; beyond it `refused` with `too_many_jobs`',
  progressPerSecond: 'updates of one job to one reader; of what comes between only the newest goes out',
  unansweredFlushes: 'flushes of progress whose ping has no pong; then newer progress waits',
  wsPongSeconds: 'seconds without a pong; then 4001',
  wsBufferMaxBytes: 'bytes that a reader has not taken; then 4002',
  replayedEvents: 'lifecycle events of one job that are replayed; who missed more gets the snapshot alone',
};

export const limits = (): string => limitTable({ ...OF_THE_API, ...OF_THE_PROTOCOL } satisfies Meanings);
export const protocolLimits = (): string => limitTable(OF_THE_PROTOCOL);

/** A limit without a meaning, or with two, does not compile. */
type Meanings = Record<Limit, string>;

const limitTable = (meanings: Partial<Meanings>): string =>
  table(
    ['limit', 'value', 'what it bounds'],
    Object.entries(meanings).map(([name, meaning]) => [
      code(name),
      LIMITS[name as Limit].toLocaleString('en'),
      meaning,
    ]),
  );
