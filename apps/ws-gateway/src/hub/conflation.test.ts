import { type JobEvent, LIMITS } from '@progeny/contract';
import {
  briefly,
  createFakeReader,
  type FakeReader,
  jobId,
  jobProgress,
  lifecycle,
  OWNER,
  progress,
} from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { createHub } from './hub.ts';

const GAP_MS = 1_000 / LIMITS.progressPerSecond;

function createScene() {
  const clock = createHandClock();
  const hub = createHub({ clock, onWatched: () => () => undefined, onGap: () => undefined });
  const fake = createFakeReader();
  const offeredAtMs: number[] = [];
  const reader: FakeReader = {
    ...fake,
    offer(frame) {
      offeredAtMs.push(clock.now());
      fake.offer(frame);
    },
  };
  hub.join(reader);
  const deliver = (...events: JobEvent[]) => {
    for (const event of events) hub.deliver(event, OWNER);
  };
  return { hub, clock, reader, offeredAtMs, deliver };
}

test('the first progress goes out at once, what follows when its time has come, the newest alone', () => {
  const { clock, reader, deliver } = createScene();
  deliver(progress(1), progress(2), progress(3));
  expect(briefly(reader)).toEqual(['v1']);
  clock.move(GAP_MS - 1);
  expect(briefly(reader)).toEqual(['v1']);
  clock.move(1);
  expect(briefly(reader)).toEqual(['v1', 'v3']);
});

test('in each second a job has at most ten progress frames, and the last one always', () => {
  const { clock, reader, offeredAtMs, deliver } = createScene();
  for (let version = 1; version <= 1_000; version += 1) {
    deliver(progress(version));
    clock.move(7);
  }
  clock.move(GAP_MS);
  const most = offeredAtMs.map(
    (fromMs) => offeredAtMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length,
  );
  expect(Math.max(...most)).toBe(LIMITS.progressPerSecond);
  expect(briefly(reader).at(-1)).toBe('v1000');
});

test('one job does not wait for another', () => {
  const { reader, deliver } = createScene();
  deliver(progress(1), progress(5, { id: jobId(2) }));
  expect(briefly(reader)).toEqual(['v1', 'v5']);
});

test('of both kinds of progress the newest goes out', () => {
  const { clock, reader, deliver } = createScene();
  deliver(progress(1), jobProgress(1), progress(2), jobProgress(2), progress(3));
  clock.move(GAP_MS);
  expect(briefly(reader)).toEqual(['v1', 'p2', 'v3']);
});

test('a lifecycle event waits for no time, and takes along the progress before it', () => {
  const { clock, reader, deliver } = createScene();
  deliver(progress(1), progress(2), lifecycle(1));
  expect(briefly(reader)).toEqual(['v1', 'v2', 'JOB_STARTED 1']);
  clock.move(10 * GAP_MS);
  expect(reader.messages).toHaveLength(3);
});

test('nothing follows the end, and the last counts are before it', () => {
  const { clock, reader, deliver } = createScene();
  const last = progress(3, { status: 'cancelled' });
  deliver(
    lifecycle(1),
    progress(1),
    progress(2),
    jobProgress(1),
    last,
    lifecycle(2, { type: 'JOB_CANCELLED' }),
  );
  deliver(jobProgress(2), progress(2), last);
  clock.move(10 * GAP_MS);
  expect(briefly(reader)).toEqual(['JOB_STARTED 1', 'v1', 'v3', 'p1', 'JOB_CANCELLED 2']);
});

test('nothing is sent once nobody watches, or the hub is closed', () => {
  const { hub, clock, reader, deliver } = createScene();
  deliver(progress(1), progress(2));
  hub.leave(reader);
  expect(clock.waiting).toBe(0);
  hub.join(reader);
  deliver(progress(3), progress(4));
  expect(clock.waiting).toBe(1);
  hub.close();
  clock.move(GAP_MS);
  expect(briefly(reader)).toEqual(['v1', 'v3']);
});
