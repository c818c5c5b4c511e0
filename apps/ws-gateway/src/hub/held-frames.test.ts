import { brief, frameOf, jobId, jobProgress, progress } from '../testing/events.ts';
import { HeldFrames } from './held-frames.ts';

const [A, B] = [jobId(1), jobId(2)];

test('of each job the newest of each type is held', () => {
  const held = new HeldFrames();
  const replaced = [progress(1), jobProgress(1), progress(2), progress(7, { id: B })].map((event) =>
    held.hold(frameOf(event)),
  );
  expect(replaced).toEqual([false, false, true, false]);
  expect(held.take(A).map(({ message }) => brief(message))).toEqual(['v2', 'p1']);
  expect(held.take(A)).toEqual([]);
  expect(held.takeAll().map(({ message }) => brief(message))).toEqual(['v7']);
  expect(held.isEmpty).toBe(true);
});
