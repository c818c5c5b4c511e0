import { jobProgress, lifecycle, progress } from '../testing/events.ts';
import { JobLine } from './job-line.ts';

test('a progress is news only with a higher version', () => {
  const line = new JobLine();
  expect(line.isNews(progress(1))).toBe(true);
  line.take(progress(3));
  expect([2, 3, 4].map((version) => line.isNews(progress(version)))).toEqual([false, false, true]);
});

test('the progress of a job has versions of its own', () => {
  const line = new JobLine();
  line.take(progress(9));
  line.take(jobProgress(3));
  expect([2, 3, 4].map((version) => line.isNews(jobProgress(version)))).toEqual([false, false, true]);
  expect([9, 10].map((version) => line.isNews(progress(version)))).toEqual([false, true]);
});

test('a lifecycle event is news only with a higher seq, whatever the version of the progress', () => {
  const line = new JobLine();
  line.take(progress(9));
  expect(line.isNews(lifecycle(1))).toBe(true);
  line.take(lifecycle(1));
  expect([1, 2].map((seq) => line.isNews(lifecycle(seq)))).toEqual([false, true]);
});

test('an old event taken late does not turn time back', () => {
  const line = new JobLine();
  for (const version of [5, 2]) line.take(progress(version));
  for (const version of [5, 2]) line.take(jobProgress(version));
  for (const seq of [2, 1]) line.take(lifecycle(seq));
  expect([progress(5), jobProgress(5), lifecycle(2)].filter((event) => line.isNews(event))).toEqual([]);
});

test('what a snapshot holds counts as seen, and a later seed does not turn time back', () => {
  const line = new JobLine();
  line.seed(3);
  line.seed(1);
  expect([3, 4].map((seq) => line.isNews(lifecycle(seq)))).toEqual([false, true]);
  expect(line.seq).toBe(3);
});
