import {
  briefly,
  createFakeReader,
  frameOf,
  jobId,
  jobProgress,
  lifecycle,
  progress,
  snapshotOf,
  step,
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

describe('a job that had ended when the snapshot was read', () => {
  const later = [progress(5), jobProgress(2)];

  test('says nothing of a new run before the start of it, which may come later', () => {
    const { reader, subscription, deliver, start } = createScene();
    deliver(progress(4));
    start(3, { seq: 2, status: 'cancelled' });
    deliver(...later);
    expect([briefly(reader), subscription.isHolding]).toEqual([['v3'], true]);
    deliver(lifecycle(3));
    expect([briefly(reader), subscription.isHolding]).toEqual([['v3', 'JOB_STARTED 3', 'v5', 'p2'], false]);
  });

  test('has had its counts corrected, when the ledger knows of no start', () => {
    const { reader, subscription, deliver, start } = createScene();
    start(3, { seq: 2, status: 'cancelled' });
    const corrected = progress(4, { status: 'cancelled' });
    deliver(corrected);
    subscription.confirm(snapshotOf(corrected, { seq: 3 }));
    expect(briefly(reader)).toEqual(['v3']);
    subscription.confirm(snapshotOf(corrected, { seq: 2 }));
    expect(briefly(reader)).toEqual(['v3', 'v4']);
    expect(subscription.isHolding).toBe(false);
  });

  test('keeps what is newer than that read', () => {
    const { reader, subscription, deliver, start } = createScene();
    start(3, { seq: 2, status: 'cancelled' });
    deliver(progress(6));
    subscription.confirm(snapshotOf(progress(4, { status: 'cancelled' }), { seq: 2 }));
    deliver(lifecycle(3));
    expect(briefly(reader)).toEqual(['v3', 'JOB_STARTED 3', 'v6']);
  });
});

test('while the snapshot is read, the progress that an end came with waits beside the newest', () => {
  const { reader, deliver, start } = createScene();
  const counts = progress(4, { status: 'cancelled' });
  deliver(
    progress(2),
    counts,
    lifecycle(2, { type: 'JOB_CANCELLED' }),
    lifecycle(3),
    progress(5),
    progress(6),
  );
  start(1, { seq: 1 });
  expect(briefly(reader)).toEqual(['v1', 'v4', 'JOB_CANCELLED 2', 'JOB_STARTED 3', 'v6']);
});

test('a step reaches a live reader that is not behind, and no other', () => {
  const { reader, subscription, start } = createScene();
  subscription.mention(frameOf(step(1)));
  start(1);
  subscription.mention(frameOf(step(2)));
  reader.isBehind = true;
  subscription.mention(frameOf(step(3)));
  reader.isBehind = false;
  subscription.end();
  subscription.mention(frameOf(step(4)));
  expect(briefly(reader)).toEqual(['v1', 'n2']);
});
