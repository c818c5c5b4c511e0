import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimReply } from '@progeny/contract';
import { createApi } from '../api.ts';

const WORKER = 'bench';
/** Children in one claim or report. */
const BATCH = 500;
/** So long that no lease runs out while anything is measured. */
const LEASE_MS = 600_000;
const READY_POLL_MS = 50;

/** The calls of the API that commands and a worker of theirs need. */
export function createCommandApi(apiUrl: string) {
  const api = createApi(apiUrl);
  const claim = async (jobType: string, limit: number) => {
    const request = { worker_id: WORKER, job_types: [jobType], limit, lease_ms: LEASE_MS };
    return ((await api.post('/v1/workers/claim', request)) as ClaimReply).children;
  };
  const report = (children: ClaimReply['children'], status: 'completed' | 'failed') =>
    api.post('/v1/workers/report', {
      worker_id: WORKER,
      reports: children.map(({ job_id, attempt }) => ({ job_id, attempt, status })),
    });

  return {
    claim,
    /** Resolves when the manager works, which may just be starting. */
    async untilReady() {
      const isReady = () =>
        fetch(`${apiUrl}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      while (!(await isReady())) await delay(READY_POLL_MS);
    },
    command: (jobId: string, command: 'cancel' | 'retry-failed') => api.post(`/v1/jobs/${jobId}/${command}`),
    async remove(jobId: string) {
      const response = await fetch(`${apiUrl}/v1/jobs/${jobId}`, { method: 'DELETE' });
      if (response.status !== 204) throw new Error(`DELETE: ${await response.text()}`);
    },
    /** A parent with one child. */
    async createOne(jobType: string) {
      const children = [{ key: 'a', payload: {} }];
      return (await api.createJob({ type: 'custom', child_type: jobType, children, sealed: true })).job_id;
    },
    completeOne: async (jobType: string) => report(await claim(jobType, 1), 'completed'),
    /** Until none can be claimed. */
    async failAll(jobType: string) {
      for (;;) {
        const children = await claim(jobType, BATCH);
        if (children.length === 0) return;
        await report(children, 'failed');
      }
    },
  };
}
