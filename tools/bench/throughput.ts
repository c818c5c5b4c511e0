import type { ParentJobProgress } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import { createApi } from './api.ts';
import type { BenchStack } from './bench-stack.ts';
import { openViewer } from './viewer.ts';

export interface ThroughputOptions {
  children: number;
  /** Children that one request claims or reports. */
  batch: number;
  /** Claim and report loops at a time. */
  loops: number;
}

export interface Throughput {
  childrenPerSecond: number;
  frames: number;
  /** The last frame that the viewer saw. */
  last: ParentJobProgress;
}

const INSERT_BATCH = 5_000;

/**
 * Children per second of one parent whose children do nothing, from the first claim until a viewer has seen the
 * parent complete.
 */
export async function measureThroughput(
  stack: BenchStack,
  bus: EventBus,
  { children, batch, loops }: ThroughputOptions,
): Promise<Throughput> {
  const api = createApi(stack.apiUrl);
  const jobType = `throughput-${Date.now().toString(36)}`;
  const { job_id: jobId } = await api.createJob({
    type: 'custom',
    child_type: jobType,
    children: [],
    sealed: false,
  });
  for (let start = 0; start < children; start += INSERT_BATCH) {
    const keys = Array.from(
      { length: Math.min(INSERT_BATCH, children - start) },
      (_, index) => start + index,
    );
    await api.addChildren(
      jobId,
      keys.map((key) => ({ key: String(key), payload: {} })),
    );
  }
  await api.seal(jobId);

  let frames = 0;
  let seen: (last: ParentJobProgress) => void;
  const completed = new Promise<ParentJobProgress>((resolve) => {
    seen = resolve;
  });
  const viewer = await openViewer(stack.gatewayUrl, (progress) => {
    if (progress.job_id !== jobId) return;
    frames += 1;
    if (progress.status === 'completed') seen(progress);
  });
  const startMs = performance.now();
  await Promise.all(Array.from({ length: loops }, () => work(bus, jobType, batch)));
  const last = await completed;
  const seconds = (performance.now() - startMs) / 1000;
  viewer.close();
  return { childrenPerSecond: children / seconds, frames, last };
}

/** Claims and completes until nothing is left; the next claim is on its way while a report is. */
async function work(bus: EventBus, jobType: string, batch: number): Promise<void> {
  const claim = () => bus.request('claim', { worker_id: 'bench', job_types: [jobType], limit: batch });
  let next = claim();
  for (;;) {
    const { children } = await next;
    if (children.length === 0) return;
    next = claim();
    const reports = children.map(({ job_id, attempt }) => ({
      job_id,
      attempt,
      status: 'completed' as const,
    }));
    await bus.request('report', { reports });
  }
}
