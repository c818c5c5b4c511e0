import type { JobView } from '@progeny/contract';
import { canSee, type Identity } from '@progeny/core';
import type { JobStore, Owner } from '@progeny/job-store';
import { ProblemError } from './problem-reply.ts';

/** Whose the job is. A job that the caller may not see and one that is not there are the same `job_not_found`. */
export async function requireVisible(
  store: Pick<JobStore, 'findOwners'>,
  caller: Identity,
  jobId: string,
): Promise<Owner> {
  const [owner] = (await store.findOwners([jobId])).values();
  if (!owner || !canSee(caller, owner)) throw new ProblemError('job_not_found');
  return owner;
}

/** The job itself, once it is known that the caller may see it. */
export async function requireJob(store: Pick<JobStore, 'getJob'>, jobId: string): Promise<JobView> {
  const job = await store.getJob(jobId);
  if (!job) throw new ProblemError('job_not_found');
  return job;
}

/** Those of the ids that the caller may see. */
export async function visibleOf(
  store: Pick<JobStore, 'findOwners'>,
  caller: Identity,
  jobIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const owners = await store.findOwners(jobIds);
  return new Set(
    jobIds.filter((jobId) => {
      const owner = owners.get(jobId);
      return owner !== undefined && canSee(caller, owner);
    }),
  );
}

/** Whose jobs a list shows: an operator's tenant, anybody else's own. The rule of `canSee`, as a question. */
export const listedOwner = ({ tenantId, userId, role }: Identity): { tenantId: string; userId?: string } =>
  role === 'operator' ? { tenantId } : { tenantId, userId };
