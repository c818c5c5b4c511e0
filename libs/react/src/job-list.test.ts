import type { ParentJobProgress } from '@progeny/client';
import { progressOf } from '@progeny/client/testing';
import fc from 'fast-check';
import { createJobList } from './job-list.ts';

const jobsOf = (...jobs: ParentJobProgress[]) => new Map(jobs.map((job) => [job.job_id, job]));

test('numbers alone change nothing, a status one row, a new job the list', () => {
  const listOf = createJobList();
  const before = listOf(jobsOf(progressOf('a', 1), progressOf('b', 1)));
  expect(before).toEqual([
    { job_id: 'b', status: 'running' },
    { job_id: 'a', status: 'running' },
  ]);
  // Also when the newest change stands last, as it does in the client.
  expect(listOf(jobsOf(progressOf('b', 1), progressOf('a', 2)))).toBe(before);

  const ended = listOf(jobsOf(progressOf('b', 1), progressOf('a', 3, { status: 'completed' })));
  expect(ended[0]).toBe(before[0]);
  expect(ended[1]).toEqual({ job_id: 'a', status: 'completed' });

  const grown = listOf(jobsOf(progressOf('b', 1), progressOf('c', 1)));
  expect(grown.map(({ job_id }) => job_id)).toEqual(['c', 'b']);
  expect(grown[1]).toBe(before[0]);
});

test('whatever comes and goes, the list is the outermost jobs of now, newest first, with every row that did not change', () => {
  const jobs = fc.uniqueArray(
    fc.record({
      job_id: fc.stringMatching(/^[a-f]$/),
      status: fc.constantFrom('running', 'completed'),
      parent_id: fc.constantFrom(null, null, 'outer'),
    }),
    { selector: ({ job_id }) => job_id },
  );
  fc.assert(
    fc.property(fc.array(jobs, { maxLength: 6 }), (steps) => {
      const listOf = createJobList();
      let before = listOf(new Map());
      for (const step of steps) {
        const now = listOf(new Map(step.map((job) => [job.job_id, job as ParentJobProgress])));
        const expected = step
          .filter(({ parent_id }) => parent_id === null)
          .map(({ job_id, status }) => ({ job_id, status }))
          .sort((a, b) => b.job_id.localeCompare(a.job_id));
        expect(now).toEqual(expected);
        for (const row of now) {
          const same = before.find((old) => old.job_id === row.job_id && old.status === row.status);
          if (same) expect(row).toBe(same);
        }
        before = now;
      }
    }),
  );
});
