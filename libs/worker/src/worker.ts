import type { JobHandler } from './job.ts';

export interface WorkerOptions {
  /** Takes the children of parents with this `child_type`; at most 20 kinds. */
  kind: string | readonly string[];
  handler: JobHandler;
  /** Jobs in hand at a time, at most 500; 1 where left out. */
  concurrency?: number | undefined;
  /** `nats://host:4222`. Work and cancels are told by it at once. */
  natsUrl?: string | undefined;
  /** `http://host:4000`. Asked while NATS is away; alone it does, too, then work is asked for once a second. */
  managerUrl?: string | undefined;
  /** With the role `worker`, which the manager asks for over HTTP when its AUTH is jwt. */
  token?: string | undefined;
  /** How long a job stays with a worker that is not heard of; 30,000 where left out. */
  leaseMs?: number | undefined;
  /** On `stop`: time for what is in hand, before it is handed back; 10,000 where left out. */
  drainMs?: number | undefined;
  /** How it is called in the ledger and in NATS, with a number of its own behind; `worker` where left out. */
  name?: string | undefined;
  /** A pino logger is one. Left out: warnings and errors go to the console. */
  log?: WorkerLog | undefined;
}

export interface WorkerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Worker {
  /** Begins to take jobs. Nothing has to be there yet: it tries on for ever. */
  start(): void;
  /** Takes no more, ends or hands back what is in hand, and reports it. Idempotent. */
  stop(): Promise<void>;
  /** Handlers that run. */
  readonly inHand: number;
  /** Ends of jobs that the manager has not confirmed. */
  readonly reportsWaiting: number;
  readonly counters: Readonly<WorkerCounters>;
  /** For a readiness check: throws, with the reason, while the manager is away. */
  assertManagerThere(): void;
}

/** Since it was made. */
export interface WorkerCounters {
  /** Calls of `job.progress` and `job.emit`. */
  told: number;
  /** Of these, left out: not of the right shape, of a job that was over, or pushed out by newer steps. */
  ignored: number;
  /** Reports of progress that the manager took: each of one job, for all that it told since the one before. */
  progressSent: number;
  /** Reports of progress that were lost, for the manager was away or refused them. */
  progressLost: number;
  /** Handlers that did not end after their signal had fired; they run on beside others. */
  handlersLeft: number;
}
