import { createJobLine } from './job-line.ts';
import { lifecycle, progress } from './testing/events.ts';

test('a progress is news only with a higher version', () => {
  const line = createJobLine();
  expect(line.isNews(progress(1))).toBe(true);
  line.take(progress(3));
  expect([2, 3, 4].map((version) => line.isNews(progress(version)))).toEqual([false, false, true]);
});

test('a lifecycle event is news only with a higher seq, whatever the version of the progress', () => {
  const line = createJobLine();
  line.take(progress(9));
  expect(line.isNews(lifecycle(1))).toBe(true);
  line.take(lifecycle(1));
  expect([1, 2].map((seq) => line.isNews(lifecycle(seq)))).toEqual([false, true]);
});

test('an old event taken late does not turn time back', () => {
  const line = createJobLine();
  for (const version of [5, 2]) line.take(progress(version));
  for (const seq of [2, 1]) line.take(lifecycle(seq));
  expect(line.isNews(progress(5))).toBe(false);
  expect(line.isNews(lifecycle(2))).toBe(false);
});
