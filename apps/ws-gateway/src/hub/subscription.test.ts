import type { JobEvent } from './job-line.ts';
import { createSubscription } from './subscription.ts';
import { briefly, createFakePeer, frameOf, lifecycle, progress } from './testing/events.ts';

function createScene() {
  const peer = createFakePeer();
  const subscription = createSubscription(peer);
  return {
    peer,
    subscription,
    deliver: (...events: JobEvent[]) => {
      for (const event of events) subscription.deliver(event, frameOf(event));
    },
    start: (version: number) => subscription.start(progress(version), frameOf(progress(version))),
  };
}

test('nothing goes out before the snapshot; then what is newer than it, the newest progress alone', () => {
  const { peer, deliver, start } = createScene();
  deliver(lifecycle(1), progress(2), progress(3), progress(4), progress(5), lifecycle(2));
  expect(peer.messages).toEqual([]);
  start(4);
  expect(briefly(peer)).toEqual(['v4', 'JOB_STARTED 1', 'v5', 'JOB_STARTED 2']);
});

test('what the snapshot holds already is not sent after it', () => {
  const { peer, deliver, start } = createScene();
  deliver(progress(3));
  start(3);
  deliver(progress(2), progress(3));
  expect(briefly(peer)).toEqual(['v3']);
});

test('a live peer gets events at once, each once', () => {
  const { peer, deliver, start } = createScene();
  start(1);
  deliver(progress(2), progress(2), progress(4), progress(3), lifecycle(1), lifecycle(1));
  expect(briefly(peer)).toEqual(['v1', 'v2', 'v4', 'JOB_STARTED 1']);
});

test('once ended it says nothing, not even the snapshot that was being read', () => {
  const { peer, subscription, deliver, start } = createScene();
  deliver(progress(2));
  subscription.end();
  start(1);
  deliver(progress(3));
  expect(peer.messages).toEqual([]);
  expect(subscription.hasEnded).toBe(true);
});

test('a live peer lacks what is newer; one that waits for its snapshot lacks nothing', () => {
  const { subscription, start } = createScene();
  expect(subscription.lacks(progress(1))).toBe(false);
  start(2);
  expect([1, 2, 3].map((version) => subscription.lacks(progress(version)))).toEqual([false, false, true]);
});
