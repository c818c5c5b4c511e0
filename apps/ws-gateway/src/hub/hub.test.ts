import type { JobEvent } from '@progeny/contract';
import type { Owner } from '@progeny/job-store';
import {
  briefly,
  createFakeReader,
  frameOf,
  jobId,
  lifecycle,
  OWNER,
  progress,
  snapshotOf,
} from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { createHub } from './hub.ts';
import { TRACKED_JOBS_MAX } from './known-jobs.ts';
import type { Reader } from './reader.ts';

const [A, B] = [jobId(1), jobId(2)];
const LATER_MS = 1_000;

function createScene() {
  const clock = createHandClock();
  const watched: string[] = [];
  const gaps: string[] = [];
  const hub = createHub({
    clock,
    onWatched(tenantId, what) {
      const name = `${tenantId} ${'all' in what ? what.all : what.jobId}`;
      watched.push(name);
      return () => void watched.push(`${name} no more`);
    },
    onGap: (id) => void gaps.push(id),
  });
  const reader = createFakeReader();
  hub.join(reader);
  /** Each after the one before may go out. */
  const deliver = (event: JobEvent, owner: Owner = OWNER) => {
    clock.move(LATER_MS);
    return hub.deliver(event, owner);
  };
  const watch = (id: string, { version = 1, seq = 0, by = reader as Reader } = {}) => {
    const subscription = hub.subscribe(by, id);
    const state = progress(version, { id });
    const snapshot = snapshotOf(state, { seq });
    hub.seed(snapshot);
    subscription.start({ snapshot, state: frameOf(state), replay: [] });
  };
  return { hub, clock, reader, deliver, watch, watched, gaps };
}

test('a reader that has said nothing gets everything', () => {
  const { reader, deliver } = createScene();
  deliver(lifecycle(1, { id: A }));
  deliver(progress(2, { id: A }));
  deliver(progress(3, { id: B }));
  expect(briefly(reader)).toEqual(['JOB_STARTED 1', 'v2', 'v3']);
});

test('the first subscribe narrows it to the jobs it names', () => {
  const { hub, reader, deliver, watch } = createScene();
  watch(A);
  deliver(progress(2, { id: A }));
  deliver(progress(3, { id: B }));
  expect(briefly(reader)).toEqual(['v1', 'v2']);
  expect([...hub.watchedBy(reader)]).toEqual([A]);
  expect([...hub.tenantsOfAll]).toEqual([]);
});

test('after unsubscribing from the last job it gets nothing, not everything again', () => {
  const { hub, reader, deliver, watch } = createScene();
  watch(A);
  hub.unsubscribe(reader, A);
  deliver(progress(2, { id: A }));
  expect(briefly(reader)).toEqual(['v1']);
  expect([...hub.watchedBy(reader)]).toEqual([]);
  expect(reader.forgotten).toContain(A);
});

test('unsubscribing from what one does not watch changes nothing', () => {
  const { hub, reader, deliver } = createScene();
  hub.unsubscribe(reader, A);
  deliver(progress(2, { id: A }));
  expect(briefly(reader)).toEqual(['v2']);
});

describe('whoever watches everything', () => {
  test('gets what it may see: an operator all of the tenant, others their own', () => {
    const { hub, reader, deliver } = createScene();
    const [bob, stranger] = [
      createFakeReader({ userId: 'bob', role: 'user' }),
      createFakeReader({ tenantId: 'other' }),
    ];
    for (const one of [bob, stranger]) hub.join(one);
    deliver(progress(2, { id: A }));
    deliver(progress(3, { id: B }), { ...OWNER, userId: 'bob' });
    deliver(progress(4, { id: jobId(3) }), { ...OWNER, tenantId: 'other' });
    expect([reader, bob, stranger].map(briefly)).toEqual([['v2', 'v3'], ['v3'], ['v4']]);
  });

  test('may leave out progress, a lifecycle event not', () => {
    const { reader, deliver } = createScene();
    deliver(lifecycle(1));
    deliver(progress(2));
    expect(briefly({ messages: reader.offered })).toEqual(['v2']);
  });
});

test('an old or repeated event is no news to anybody', () => {
  const { reader, deliver } = createScene();
  expect([3, 3, 2, 4].map((version) => deliver(progress(version)))).toEqual([true, false, false, true]);
  expect([1, 1].map((seq) => deliver(lifecycle(seq)))).toEqual([true, false]);
  expect(briefly(reader)).toEqual(['v3', 'v4', 'JOB_STARTED 1']);
});

test('subscribing again ends the first subscription: a snapshot that comes late for it is not sent', () => {
  const { hub, reader, deliver } = createScene();
  const [first, second] = [hub.subscribe(reader, A), hub.subscribe(reader, A)];
  second.start({ snapshot: snapshotOf(progress(5)), state: frameOf(progress(5)), replay: [] });
  first.start({ snapshot: snapshotOf(progress(4)), state: frameOf(progress(4)), replay: [] });
  deliver(progress(6));
  expect(briefly(reader)).toEqual(['v5', 'v6']);
});

test('a lifecycle event whose predecessor has not come is missed, and waits', () => {
  const { reader, deliver, watch, gaps } = createScene();
  watch(A, { seq: 1 });
  deliver(lifecycle(3));
  expect([briefly(reader), gaps]).toEqual([['v1'], [A]]);
  deliver(lifecycle(2));
  expect([briefly(reader), gaps]).toEqual([['v1', 'JOB_STARTED 2', 'JOB_STARTED 3'], [A]]);
});

describe('the bus', () => {
  test('is listened to while somebody watches, once for all of them', () => {
    const { hub, reader, watch, watched } = createScene();
    const other = createFakeReader();
    watch(A);
    watch(A, { by: other });
    watch(A, { by: other });
    hub.leave(reader);
    hub.leave(reader);
    expect(watched.splice(0)).toEqual([
      ...['acme parents', 'acme children', `acme ${A}`],
      ...['acme children no more', 'acme parents no more'],
    ]);
    hub.unsubscribe(other, A);
    hub.leave(other);
    expect(watched).toEqual([`acme ${A} no more`]);
  });
});

test('a reader that leaves is forgotten, with all it watched', () => {
  const { hub, reader, deliver, watch } = createScene();
  watch(A);
  const reading = hub.subscribe(reader, B);
  hub.leave(reader);
  deliver(progress(2, { id: A }));
  const state = progress(1, { id: B });
  reading.start({ snapshot: snapshotOf(state), state: frameOf(state), replay: [] });
  expect(briefly(reader)).toEqual(['v1']);
  expect([hub.readers, hub.watchedJobs, [...hub.watchedBy(reader)]]).toEqual([0, 0, []]);
});

test('of what nobody watches any more nothing is known', () => {
  const { hub, reader, deliver, watch } = createScene();
  deliver(progress(2, { id: B }));
  expect(hub.passed(B)).not.toBeNull();
  watch(A);
  deliver(progress(2, { id: A }));
  expect([hub.passed(A), hub.passed(B)]).toEqual([{ lastSeq: 0, endTold: false }, null]);
  hub.leave(reader);
  expect(hub.passed(A)).toBeNull();
});

describe('silence', () => {
  test('a watched job of which nothing was heard is silent, and one that was heard is not until the time has passed', () => {
    const { hub, clock, deliver, watch } = createScene();
    watch(A);
    watch(B);
    deliver(progress(2, { id: B }));
    const heardAtMs = clock.now();
    expect(hub.silentSince(heardAtMs - 1)).toEqual([A]);
    expect(hub.silentSince(heardAtMs)).toEqual([A, B]);
    deliver(progress(2, { id: B }));
    expect(hub.silentSince(heardAtMs)).toEqual([A]);
  });

  test('for those who watch everything a job is awaited until its end was told', () => {
    const { hub, clock, deliver } = createScene();
    deliver(progress(2, { id: A, status: 'cancelled' }));
    deliver(progress(2, { id: B }));
    expect(hub.silentSince(clock.now())).toEqual([A, B]);
    deliver(lifecycle(2, { id: A, type: 'JOB_CANCELLED' }));
    expect(hub.silentSince(clock.now())).toEqual([B]);
  });
});

test('what passed is known by its highest seq, and whether it was an end', () => {
  const { hub, deliver } = createScene();
  expect(hub.passed(A)).toBeNull();
  deliver(lifecycle(1));
  deliver(progress(3, { status: 'cancelled' }));
  expect(hub.passed(A)).toEqual({ lastSeq: 1, endTold: false });
  deliver(lifecycle(2, { type: 'JOB_CANCELLED' }));
  deliver(lifecycle(1));
  expect(hub.passed(A)).toEqual({ lastSeq: 2, endTold: true });
});

test('what is news to a watcher is told without an event having passed', () => {
  const { hub, reader, watch } = createScene();
  expect(hub.isNews(progress(1))).toBe(true);
  watch(A, { version: 3 });
  expect([3, 4].map((version) => hub.isNews(progress(version)))).toEqual([false, true]);
  hub.leave(reader);
  expect(hub.isNews(progress(9))).toBe(false);
});

describe('the jobs remembered', () => {
  const fill = (deliver: (event: JobEvent) => unknown) => {
    for (let index = 0; index < TRACKED_JOBS_MAX; index += 1) deliver(progress(1, { id: jobId(index) }));
  };

  test('are bounded, and the one heard longest ago is forgotten', () => {
    const { hub, clock, deliver } = createScene();
    fill(deliver);
    deliver(progress(2, { id: jobId(0) }));
    deliver(progress(1, { id: jobId(TRACKED_JOBS_MAX) }));
    expect(hub.silentSince(clock.now())).toHaveLength(TRACKED_JOBS_MAX);
    expect(hub.passed(jobId(0))).not.toBeNull();
    expect(hub.passed(jobId(1))).toBeNull();
  });

  test('and those whose end was told are forgotten first', () => {
    const { hub, deliver } = createScene();
    fill(deliver);
    for (const id of [jobId(5), jobId(7)]) {
      deliver(progress(2, { id, status: 'cancelled' }));
      deliver(lifecycle(2, { id, type: 'JOB_CANCELLED' }));
    }
    const forgotten = [0, 1, 2].map((more) => {
      deliver(progress(1, { id: jobId(TRACKED_JOBS_MAX + more) }));
      return [0, 1, 5, 7].filter((index) => !hub.passed(jobId(index)));
    });
    expect(forgotten).toEqual([[5], [5, 7], [0, 5, 7]]);
  });
});
