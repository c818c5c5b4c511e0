import { createPrismaJobStore } from '@progeny/job-store-prisma';

/** Whose the jobs are: those of the gateway's only user while it has no authentication. */
export const OWNER = { tenantId: 'default', userId: 'local' };

/** Parents that stand in the ledger, without children. */
export async function createJobs(databaseUrl: string, count: number): Promise<string[]> {
  const store = createPrismaJobStore({ databaseUrl, poolSize: 4, onIdleError: console.error });
  try {
    const jobIds: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const { job } = await store.createParent({
        owner: OWNER,
        type: 'custom',
        name: `fan-out ${index}`,
        spec: { type: 'custom' },
        childType: 'fanout',
        maxChildren: null,
        children: [],
        sealed: false,
        sealTimeoutMs: null,
        priority: 0,
        failurePolicy: 'continue',
        deadlineMs: null,
        childTimeoutMs: null,
      });
      jobIds.push(job.job_id);
    }
    return jobIds;
  } finally {
    await store.close();
  }
}
