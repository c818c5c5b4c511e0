import {
  type AddedChild,
  addChildrenResponseSchema,
  childListSchema,
  parentViewSchema,
} from '@progeny/contract';
import type { Random } from '../random.ts';
import type { Accepted } from './accepted.ts';
import type { Api } from './api.ts';
import { type CustomPlan, planChild } from './custom-plan.ts';
import { endChildren, startChildren, type Worker } from './outside-worker.ts';

export interface CustomParts extends Worker {
  api: Api;
  accepted: Accepted;
  random: Random;
  /** Repeated reports come within this. */
  repeatMaxMs: number;
  /** Shorter when the load is to end. */
  pause(ms: number): Promise<void>;
}

/** Lives through one custom parent, from its creation to its seal or its cancel. */
export async function runCustomParent(name: string, plan: CustomPlan, parts: CustomParts): Promise<void> {
  const { api, accepted } = parts;
  const batches = plan.batches.map((size, batch) =>
    Array.from({ length: size }, (_, index) => ({ key: `${batch}.${index}`, payload: {} })),
  );
  const born = plan.bornSealed ? batches.flat() : [];
  const { body } = await api.post(
    '/v1/jobs',
    { type: 'custom', name, children: born, sealed: plan.bornSealed },
    { 'idempotency-key': name },
  );
  const { job_id: jobId } = parentViewSchema.pick({ job_id: true }).parse(body);
  accepted.parent(jobId, 'custom');
  if (plan.cancel === 'before its children') await api.post(`/v1/jobs/${jobId}/cancel`);
  if (plan.bornSealed) await work(await listChildren(api, accepted, jobId), plan, parts);
  else await addInBatches(jobId, batches, plan, parts);
  await parts.pause(plan.sealAfterMs);
  await api.post(`/v1/jobs/${jobId}/seal`);
}

/** Each batch comes while the one before it ends. */
async function addInBatches(
  jobId: string,
  batches: readonly { key: string; payload: object }[][],
  plan: CustomPlan,
  parts: CustomParts,
): Promise<void> {
  let working: Promise<void> = Promise.resolve();
  for (const [index, children] of batches.entries()) {
    if (plan.cancel === 'midway' && index === Math.floor(batches.length / 2)) {
      await parts.api.post(`/v1/jobs/${jobId}/cancel`);
    }
    const answer = await parts.api.post(`/v1/jobs/${jobId}/children`, { children });
    await working;
    // A cancelled parent takes none.
    if (answer.status !== 200) return;
    const added = addChildrenResponseSchema.parse(answer.body).children;
    for (const child of added) parts.accepted.child(jobId, child.job_id, child.key);
    working = work(added, plan, parts);
    // Awaited below; until then its failure is nobody's.
    working.catch(() => {});
    await parts.pause(plan.pauseMs);
  }
  await working;
}

async function work(
  children: readonly Pick<AddedChild, 'job_id'>[],
  plan: CustomPlan,
  parts: CustomParts,
): Promise<void> {
  const tasks = children.map((child) => ({
    jobId: child.job_id,
    plan: planChild(parts.random, parts.repeatMaxMs),
  }));
  await startChildren(tasks, plan.reporting, parts);
  await parts.pause(plan.pauseMs);
  await endChildren(tasks, plan.reporting, parts);
}

async function listChildren(api: Api, accepted: Accepted, jobId: string) {
  const { body } = await api.get(`/v1/jobs/${jobId}/children?limit=200`);
  const { children } = childListSchema.parse(body);
  for (const child of children) accepted.child(jobId, child.job_id, child.key);
  return children;
}
