import { randomUUID } from 'node:crypto';
import type { JobEvent, ParentStatus } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import type { EventBus } from '@progeny/event-bus';
import { OWNER } from '../bench/fanout/jobs.ts';

const EVERY_MS = 20;
/** Above every version of the ledger. */
const FIRST_VERSION = 1_000;

/** Updates of standing jobs, and jobs that come and go; until it is stopped. */
export function startTraffic(bus: EventBus, jobIds: readonly string[]): { stop(): void } {
  let version = FIRST_VERSION;
  const publish = (event: JobEvent) =>
    bus.publish({ tenantId: OWNER.tenantId, event, headers: { user: OWNER.userId } });
  const progress = (jobId: string, status: ParentStatus): JobEvent => ({
    type: 'parent_job_progress',
    payload: toParentJobProgress({
      jobId,
      parentId: null,
      version,
      status,
      sealed: true,
      counts: { ...zeroCounts, completed: version },
      childrenPerSecond: 0,
      verifiedAt: null,
    }),
    timestamp: new Date().toISOString(),
  });
  const timer = setInterval(() => {
    version += 1;
    publish(progress(jobIds[version % jobIds.length] ?? '', 'running'));
    const job_id = randomUUID();
    const timestamp = new Date().toISOString();
    const job = { job_id, parent_id: null, operation_type: 'custom' };
    publish({ type: 'JOB_STARTED', payload: { ...job, seq: 1 }, timestamp });
    publish(progress(job_id, 'completed'));
    publish({ type: 'JOB_COMPLETED', payload: { ...job, seq: 2, result: {} }, timestamp });
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
