import {
  briefly,
  createFakeReader,
  frameOf,
  jobId,
  jobProgress,
  lifecycle,
  progress,
  snapshotOf,
} from '../testing/events.ts';
import type { LineEvent } from './frame.ts';
import { Subscription } from './subscription.ts';

function createScene() {
  const reader = createFakeReader();
  const subscription = new Subscription(reader, jobId());
  return {
    reader,
    subscription,
    deliver: (...events: LineEvent[]) => {
      for (const event of events) subscription.deliver(event, frameOf(event));
    },
    start: (
      version: number,
      { seq = 0, replay = [] as LineEvent[], status = 'running' as 'running' | 'cancelled' } = {},
    ) => {
      const state = progress(version, { status });
      subscription.start({
        snapshot: snapshotOf(state, { seq }),
        state: frameOf(state),
        replay: replay.map(frameOf),
      });
    },
  };
}

test('nothing goes out before the snapshot; then what is newer than it, of each progress the newest alone', () => {
  const { reader, deliver, start } = createScene();
  deliver(lifecycle(1), progress(2), jobProgress(1), progress(3), jobProgress(2), progress(5), lifecycle(2));
  expect(reader.messages).toEqual([]);
  start(4);
  expect(briefly(reader)).toEqual(['v4', 'JOB_STARTED 1', 'p2', 'v5', 'JOB_STARTED 2']);
});

test('what the snapshot holds already is not sent after it', () => {
  const { reader, deliver, start } = createScene();
  deliver(progress(3), lifecycle(1), lifecycle(2));
  start(3, { seq: 1 });
  deliver(progress(2), progress(3), lifecycle(1));
  expect(briefly(reader)).toEqual(['v3', 'JOB_STARTED 2']);
});

test('what was missed follows the snapshot, each once, though it waited as well', () => {
  const { reader, deliver, start } = createScene();
  deliver(lifecycle(2), lifecycle(3));
  start(4, { seq: 2, replay: [lifecycle(1), lifecycle(2)] });
  expect(briefly(reader)).toEqual(['v4', 'JOB_STARTED 1', 'JOB_STARTED 2', 'JOB_STARTED 3']);
});

test('a live reader gets events at once, each once; progress it may leave out, a lifecycle event not', () => {
  const { reader, deliver, start } = createScene();
  start(1);
  deliver(progress(2), progress(2), progress(4), progress(3), lifecycle(1), lifecycle(1), jobProgress(1));
  expect(briefly(reader)).toEqual(['v1', 'v2', 'v4', 'JOB_STARTED 1', 'p1']);
  expect(briefly({ messages: reader.offered })).toEqual(['v2', 'v4', 'p1']);
});

test('once ended it says nothing, not even the snapshot that was being read', () => {
  const { reader, subscription, deliver, start } = createScene();
  deliver(progress(2));
  subscription.end();
  start(1);
  deliver(progress(3), lifecycle(1));
  expect(reader.messages).toEqual([]);
  expect(subscription.hasEnded).toBe(true);
});

test('a live reader lacks what is newer; one that waits for its snapshot, or has left, lacks nothing', () => {
  const { subscription, start } = createScene();
  expect(subscription.lacks(progress(1))).toBe(false);
  start(2, { seq: 1 });
  expect([1, 2, 3].map((version) => subscription.lacks(progress(version)))).toEqual([false, false, true]);
  expect([1, 2].map((seq) => subscription.lacks(lifecycle(seq)))).toEqual([false, true]);
  subscription.end();
  expect(subscription.lacks(progress(3))).toBe(false);
});
