import type { Caller, CallerStore, JobStore } from './job-store.ts';
import { StoreError } from './store-error.ts';

/** No job has it. */
const NOBODYS = '00000000-0000-0000-0000-000000000000';

/** The store of one caller, on that of everybody: each id is looked up first, and what is of others passes for unknown. */
export function callerStore(store: JobStore, caller: Caller): CallerStore {
  const { tenantId, userId } = caller;
  const ownOf = async (jobIds: readonly string[]): Promise<string[]> => {
    const owners = await store.findOwners(jobIds);
    return jobIds.filter((jobId) => {
      const owner = owners.get(jobId);
      return owner?.tenantId === tenantId && (userId === undefined || owner.userId === userId);
    });
  };
  const onOwn =
    <Values extends unknown[], Result>(method: (jobId: string, ...values: Values) => Promise<Result>) =>
    async (jobId: string, ...values: Values): Promise<Result> => {
      const [own] = await ownOf([jobId]);
      if (own === undefined) throw new StoreError('job_not_found', 'There is no such job');
      return method(own, ...values);
    };
  /** Reports of what is of others are kept from the store; `unknown` stands in their places. */
  const reportOwn = async <Report extends { jobId: string }, Answer>(
    reports: readonly Report[],
    unknown: (report: Report) => Answer,
    answersFor: (own: readonly Report[]) => Promise<readonly Answer[]>,
  ): Promise<Answer[]> => {
    const own = new Set(await ownOf(reports.map(({ jobId }) => jobId)));
    const answers = (await answersFor(reports.filter(({ jobId }) => own.has(jobId)))).values();
    return reports.map((report) =>
      own.has(report.jobId) ? (answers.next().value ?? unknown(report)) : unknown(report),
    );
  };

  return {
    async createParent(parent) {
      const isOwn =
        parent.owner.tenantId === tenantId && (userId === undefined || parent.owner.userId === userId);
      if (!isOwn) throw new TypeError('a caller creates nothing for others');
      if (!parent.within) return store.createParent(parent);
      const [parentId = NOBODYS] = await ownOf([parent.within.parentId]);
      return store.createParent({ ...parent, within: { ...parent.within, parentId } });
    },
    addChildren: onOwn(store.addChildren),
    seal: onOwn(store.seal),
    requestCancel: onOwn(store.requestCancel),
    pause: onOwn(store.pause),
    resume: onOwn(store.resume),
    requestRetryFailed: onOwn(store.requestRetryFailed),
    retryChild: onOwn(store.retryChild),
    deleteParent: onOwn(store.deleteParent),
    claim: (options) => store.claim({ ...options, tenantId }),
    async heartbeat(children, leaseMs) {
      const own = new Set(await ownOf(children.map(({ jobId }) => jobId)));
      const { lost } = await store.heartbeat(
        children.filter(({ jobId }) => own.has(jobId)),
        leaseMs,
      );
      const isLost = new Set(lost);
      const ids = children.map(({ jobId }) => jobId);
      return { lost: ids.filter((jobId) => !own.has(jobId) || isLost.has(jobId)) };
    },
    async report(reports) {
      let changes: Awaited<ReturnType<JobStore['report']>>['changes'] = [];
      const answers = await reportOwn(
        reports,
        ({ jobId }) => ({ job_id: jobId, outcome: 'unknown_job' as const, status: null, attempt: null }),
        async (own) => {
          const reported = await store.report(own);
          changes = reported.changes;
          return reported.answers;
        },
      );
      return { answers, changes };
    },
    async saveProgress(reports) {
      let saved: Omit<Awaited<ReturnType<JobStore['saveProgress']>>, 'outcomes'> = {
        progress: [],
        steps: [],
      };
      const outcomes = await reportOwn(
        reports,
        () => 'unknown_job' as const,
        async (own) => {
          const { outcomes: ownOutcomes, ...more } = await store.saveProgress(own);
          saved = more;
          return ownOutcomes;
        },
      );
      return { outcomes, ...saved };
    },
    async getJob(jobId) {
      const [own] = await ownOf([jobId]);
      return own === undefined ? null : store.getJob(own);
    },
    async findOwners(jobIds) {
      return store.findOwners(await ownOf(jobIds));
    },
    async listParents({ owner, ...options }) {
      const isOwn =
        owner === undefined ||
        (owner.tenantId === tenantId && (userId === undefined || (owner.userId ?? userId) === userId));
      if (!isOwn) return { jobs: [], next_cursor: null };
      return store.listParents({ ...options, owner: { ...owner, ...caller } });
    },
    listChildren: onOwn(store.listChildren),
    getProgress: async (parentIds) => store.getProgress(await ownOf(parentIds)),
    readSnapshots: async (jobIds) => store.readSnapshots(await ownOf(jobIds)),
    explain: onOwn(store.explain),
    listSteps: onOwn(store.listSteps),
    listLog: onOwn(store.listLog),
  };
}
