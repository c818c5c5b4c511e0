import type {
  AddedChild,
  ChildInput,
  ClaimReply,
  CreateJob,
  ParentView,
  ProgressOutcome,
  ReportAnswer,
} from '@progeny/contract';
import type {
  Caller,
  CallerStore,
  ChildProgressReport,
  ChildReport,
  ClaimOptions,
  JobStore,
  NewParent,
  Owner,
} from '@progeny/job-store';
import type { Log } from '@progeny/kit';
import type { Announcer } from './announcer.ts';
import { createCommands, type GiveCommand } from './commands.ts';
import type { ManagerCounts } from './manager-metrics.ts';
import { newParent } from './new-parent.ts';
import type { ProgressIntake } from './progress/progress-intake.ts';
import type { Sweeper } from './sweeper.ts';

/** The use cases, the same for HTTP and for workers: change the ledger, then tell the bus what changed. */
export interface JobService {
  create(
    owner: Owner,
    request: CreateJob,
    idempotency?: NewParent['idempotency'],
  ): Promise<{ job: ParentView; created: boolean }>;
  addChildren(parentId: string, children: readonly ChildInput[]): Promise<AddedChild[]>;
  seal(parentId: string): Promise<void>;
  command: GiveCommand;
  /** The changes are told before it resolves: that a child has begun is heard before anything of its work. */
  claim(options: ClaimOptions): Promise<ClaimReply>;
  report(reports: readonly ChildReport[]): Promise<ReportAnswer[]>;
  /** Resolves when it is stored and told; see `ProgressIntake`. */
  progress(reports: readonly ChildProgressReport[]): Promise<ProgressOutcome[]>;
}

/** The use cases for everybody's jobs, and for those of one caller. */
export interface JobServices extends JobService {
  as(caller: Caller): JobService;
}

export interface JobServiceParts extends Pick<ManagerCounts, 'onLost'> {
  store: JobStore;
  announcer: Announcer;
  sweeper: Sweeper;
  intake: ProgressIntake;
  log: Log;
  /** For jobs that name none of their own. */
  sealTimeoutMs: number;
}

export function createJobServices(parts: JobServiceParts): JobServices {
  const { store, intake, onLost } = parts;
  return {
    ...createJobService(store, parts),
    as(caller) {
      const own = store.as(caller);
      return {
        ...createJobService(own, parts),
        async progress(reports) {
          // What is merged with progress of others is stored for all: whose it is has to be known before.
          const known = await own.findOwners(reports.map(({ jobId }) => jobId)).catch((error: unknown) => {
            onLost('store', reports.length);
            throw error;
          });
          const outcomes = (await intake.take(reports.filter(({ jobId }) => known.has(jobId)))).values();
          return reports.map(({ jobId }) =>
            known.has(jobId) ? (outcomes.next().value ?? 'unknown_job') : 'unknown_job',
          );
        },
      };
    },
  };
}

function createJobService(store: CallerStore, parts: JobServiceParts): JobService {
  const { announcer, intake, log, sealTimeoutMs } = parts;
  return {
    async create(owner, request, idempotency) {
      const { job, created, changes } = await store.createParent({
        ...newParent(owner, request, { sealTimeoutMs }),
        ...(idempotency && { idempotency }),
      });
      await announcer.changes(changes);
      if (created) log.info({ job_id: job.job_id, type: job.type }, 'job created');
      return { job, created };
    },
    async addChildren(parentId, children) {
      const added = await store.addChildren(parentId, children);
      await announcer.changes(added.changes);
      return added.children;
    },
    async seal(parentId) {
      await announcer.changes(await store.seal(parentId));
    },
    command: createCommands(store, parts),
    async claim(options) {
      const { changes, ...reply } = await store.claim(options);
      await announcer.changes(changes);
      return reply;
    },
    async report(reports) {
      // Progress that came before an end belongs to the work, and after the end it would be refused.
      await intake.settle(reports.map(({ jobId }) => jobId));
      const { answers, changes } = await store.report(reports);
      await announcer.changes(changes, reports);
      return answers;
    },
    progress: (reports) => intake.take(reports),
  };
}
