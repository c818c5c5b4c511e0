import type { ParentJobProgress } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import { createCatchUp } from './catch-up.ts';

const progressOf = (jobId: string, status: 'running' | 'completed'): ParentJobProgress =>
  toParentJobProgress({
    jobId,
    parentId: null,
    version: 1,
    status,
    sealed: true,
    counts: zeroCounts,
    childrenPerSecond: 0,
    verifiedAt: null,
  });

/** Jobs that run, but for `ended`; resolves each read at the next turn. */
async function readsAfter(act: (catchUp: ReturnType<typeof createCatchUp>) => void): Promise<string[]> {
  const read: string[] = [];
  const catchUp = createCatchUp(
    async (jobId) => progressOf(jobId, jobId === 'ended' ? 'completed' : 'running'),
    ({ job_id }) => void read.push(job_id),
  );
  for (const jobId of ['a', 'ended', 'b']) catchUp.know(jobId);
  act(catchUp);
  await new Promise(setImmediate);
  return read;
}

test('who comes back reads every job that he watches', async () => {
  expect(await readsAfter((catchUp) => catchUp.start())).toEqual(['a', 'ended', 'b']);
});

test('a job that was seen to end is not read again', async () => {
  const read = await readsAfter((catchUp) => {
    catchUp.saw(progressOf('ended', 'completed'));
    catchUp.saw(progressOf('a', 'running'));
    catchUp.start();
  });
  expect(read).toEqual(['a', 'b']);
});

test('who leaves again stops reading', async () => {
  const read = await readsAfter((catchUp) => {
    catchUp.start();
    catchUp.stop();
  });
  expect(read.length).toBeLessThanOrEqual(1);
});
