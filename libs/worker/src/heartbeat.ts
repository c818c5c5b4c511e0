import { LIMITS } from '@progeny/contract';
import type { ManagerClient } from './manager/manager-client.ts';

/** Keeps the claims on these children, and tells which of them are gone. */
export async function sendHeartbeats({
  manager,
  leaseMs,
  children,
  onLost,
}: {
  manager: Pick<ManagerClient, 'request'>;
  leaseMs: number;
  children: readonly { job_id: string; attempt: number }[];
  /** The lost attempt of each. */
  onLost(attempts: ReadonlyMap<string, number>): void;
}): Promise<void> {
  for (let start = 0; start < children.length; start += LIMITS.workerBatch) {
    const batch = children.slice(start, start + LIMITS.workerBatch);
    const { lost } = await manager.request('heartbeat', {
      lease_ms: leaseMs,
      children: batch.map(({ job_id, attempt }) => ({ job_id, attempt })),
    });
    if (lost.length === 0) continue;
    const gone = new Set(lost);
    onLost(
      new Map(batch.filter(({ job_id }) => gone.has(job_id)).map(({ job_id, attempt }) => [job_id, attempt])),
    );
  }
}
