import { createApi } from '../api.ts';

/** Children in one request. */
const BATCH = 5_000;

export interface Family {
  parents: number;
  childrenEach: number;
}

/** Parents with children that do nothing, sealed, through the API; and how long that took. */
export async function addFamily(
  apiUrl: string,
  { jobType, parents, childrenEach }: Family & { jobType: string },
): Promise<{ jobIds: string[]; addSeconds: number }> {
  const api = createApi(apiUrl);
  const startMs = performance.now();
  const jobIds: string[] = [];
  for (let parent = 0; parent < parents; parent += 1) {
    const first = childrenOf(0, Math.min(BATCH, childrenEach));
    const whole = first.length === childrenEach;
    const { job_id } = await api.createJob({
      type: 'custom',
      child_type: jobType,
      children: first,
      sealed: whole,
    });
    for (let start = BATCH; start < childrenEach; start += BATCH) {
      await api.addChildren(job_id, childrenOf(start, Math.min(start + BATCH, childrenEach)));
    }
    if (!whole) await api.seal(job_id);
    jobIds.push(job_id);
  }
  return { jobIds, addSeconds: (performance.now() - startMs) / 1000 };
}

const childrenOf = (start: number, end: number) =>
  Array.from({ length: end - start }, (_, index) => ({ key: String(start + index), payload: {} }));
