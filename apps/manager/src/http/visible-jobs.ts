import type { JobView } from '@progeny/contract';
import { canSee, type Identity } from '@progeny/core';
import type { Caller, CallerStore, Owner } from '@progeny/job-store';
import { ProblemError } from './problem-reply.ts';

/** Whose the job is. A job that the caller may not see and one that is not there are the same `job_not_found`. */
export async function requireVisible(
  store: Pick<CallerStore, 'findOwners'>,
  caller: Identity,
  jobId: string,
): Promise<Owner> {
  const [owner] = (await store.findOwners([jobId])).values();
  if (!owner || !canSee(caller, owner)) throw new ProblemError('job_not_found');
  return owner;
}

/** The job itself, once it is known that the caller may see it. */
export async function requireJob(store: Pick<CallerStore, 'getJob'>, jobId: string): Promise<JobView> {
  const job = await store.getJob(jobId);
  if (!job) throw new ProblemError('job_not_found');
  return job;
}

/** Whose jobs somebody has: an operator those of the tenant, anybody else their own. `canSee`, as a question. */
export const reachOf = ({ tenantId, userId, role }: Identity): Caller =>
  role === 'operator' ? { tenantId } : { tenantId, userId };
