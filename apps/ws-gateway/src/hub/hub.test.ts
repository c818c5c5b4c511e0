import { createHub, TRACKED_JOBS_MAX } from './hub.ts';
import type { JobEvent } from './job-line.ts';
import { briefly, createFakePeer, frameOf, jobId, lifecycle, progress } from './testing/events.ts';

const [A, B] = [jobId(1), jobId(2)];

function createScene() {
  const hub = createHub();
  const peer = createFakePeer();
  hub.join(peer);
  const deliver = (event: JobEvent, nowMs = 0) => hub.deliver(event, nowMs);
  const watch = (id: string, version = 1, watcher = peer) => {
    const snapshot = progress(version, { id });
    hub.subscribe(watcher, id).start(snapshot, frameOf(snapshot));
  };
  return { hub, peer, deliver, watch };
}

test('a peer that has said nothing gets everything', () => {
  const { peer, deliver } = createScene();
  deliver(lifecycle(1, { id: A }));
  deliver(progress(2, { id: A }));
  deliver(progress(3, { id: B }));
  expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v2', 'v3']);
});

test('the first subscribe narrows it to the jobs it names', () => {
  const { hub, peer, deliver, watch } = createScene();
  watch(A);
  deliver(progress(2, { id: A }));
  deliver(progress(3, { id: B }));
  expect(briefly(peer)).toEqual(['v1', 'v2']);
  expect([...hub.watchedBy(peer)]).toEqual([A]);
  expect(hub.hasWatchersOfAll).toBe(false);
});

test('after unsubscribing from the last job it gets nothing, not everything again', () => {
  const { hub, peer, deliver, watch } = createScene();
  watch(A);
  hub.unsubscribe(peer, A);
  deliver(progress(2, { id: A }));
  deliver(progress(3, { id: B }));
  expect(briefly(peer)).toEqual(['v1']);
  expect([...hub.watchedBy(peer)]).toEqual([]);
});

test('unsubscribing from what one does not watch changes nothing', () => {
  const { hub, peer, deliver } = createScene();
  hub.unsubscribe(peer, A);
  deliver(progress(2, { id: A }));
  expect(briefly(peer)).toEqual(['v2']);
});

test('each peer gets its own jobs, and an event is made to text once for all', () => {
  const { hub, peer, deliver, watch } = createScene();
  const texts: string[] = [];
  const other = { id: 'other', send: ({ text }: { text: string }) => void texts.push(text) };
  hub.join(other);
  watch(A);
  deliver(progress(2, { id: A }));
  deliver(progress(5, { id: B }));
  expect(briefly(peer)).toEqual(['v1', 'v2']);
  expect(texts.map((text) => JSON.parse(text))).toEqual([progress(2, { id: A }), progress(5, { id: B })]);
});

test('an old or repeated event is no news to anybody', () => {
  const { peer, deliver } = createScene();
  expect([3, 3, 2, 4].map((version) => deliver(progress(version)))).toEqual([true, false, false, true]);
  expect([1, 1].map((seq) => deliver(lifecycle(seq)))).toEqual([true, false]);
  expect(briefly(peer)).toEqual(['v3', 'v4', 'JOB_STARTED 1']);
});

describe('an end that overtakes the counts it ended with', () => {
  const end = lifecycle(2, { type: 'JOB_CANCELLED' });
  const last = progress(4, { status: 'cancelled' });

  test('waits for them, so that nothing follows it', () => {
    const { hub, peer, deliver } = createScene();
    expect([progress(3), end, last, end].map((event) => deliver(event))).toEqual([true, false, true, false]);
    expect(briefly(peer)).toEqual(['v3', 'v4', 'JOB_CANCELLED 2']);
    expect(hub.passed(last.payload.job_id)).toMatchObject({ lastSeq: 2, endTold: true });
  });

  test('is awaited while they are lost', () => {
    const { hub, peer, deliver } = createScene();
    deliver(end);
    expect(briefly(peer)).toEqual([]);
    expect(hub.silentSince(0)).toEqual([end.payload.job_id]);
    expect(hub.passed(end.payload.job_id)).toMatchObject({ lastSeq: 0, endTold: false });
  });

  test('is told once when somebody reads what was lost', () => {
    const { peer, deliver } = createScene();
    for (const event of [end, lifecycle(1), last, end]) deliver(event);
    expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v4', 'JOB_CANCELLED 2']);
  });
});

test('subscribing again ends the first subscription: a snapshot that comes late for it is not sent', () => {
  const { hub, peer, deliver } = createScene();
  const first = hub.subscribe(peer, A);
  const second = hub.subscribe(peer, A);
  second.start(progress(5), frameOf(progress(5)));
  first.start(progress(4), frameOf(progress(4)));
  deliver(progress(6));
  expect(briefly(peer)).toEqual(['v5', 'v6']);
});

test('a peer that leaves is forgotten, with all it watched', () => {
  const { hub, peer, deliver, watch } = createScene();
  watch(A);
  const reading = hub.subscribe(peer, B);
  hub.leave(peer);
  deliver(progress(2, { id: A }));
  reading.start(progress(1, { id: B }), frameOf(progress(1, { id: B })));
  expect(briefly(peer)).toEqual(['v1']);
  expect(hub.peers).toBe(0);
  expect([...hub.watchedBy(peer)]).toEqual([]);
  expect(hub.silentSince(Number.POSITIVE_INFINITY)).toEqual([]);
});

describe('silence', () => {
  test('a watched job of which nothing was heard is silent, and one that was heard is not until the time has passed', () => {
    const { hub, deliver, watch } = createScene();
    watch(A);
    watch(B);
    deliver(progress(2, { id: B }), 100);
    expect(hub.silentSince(99)).toEqual([A]);
    expect(hub.silentSince(100)).toEqual([A, B]);
  });

  test('an event that is no news is heard all the same', () => {
    const { hub, deliver, watch } = createScene();
    watch(A);
    deliver(progress(2, { id: A }), 100);
    deliver(progress(2, { id: A }), 200);
    expect(hub.silentSince(199)).toEqual([]);
  });

  test('for those who watch everything a job is awaited until its end was told', () => {
    const { hub, deliver } = createScene();
    deliver(progress(2, { id: A, status: 'cancelled' }));
    deliver(progress(2, { id: B }));
    expect(hub.silentSince(0)).toEqual([A, B]);
    deliver(lifecycle(2, { id: A, type: 'JOB_CANCELLED' }));
    expect(hub.silentSince(0)).toEqual([B]);
  });

  test('nobody who watches everything: only named jobs are awaited', () => {
    const { hub, deliver, watch } = createScene();
    deliver(progress(2, { id: B }));
    watch(A);
    expect(hub.silentSince(0)).toEqual([A]);
  });
});

test('what passed is known by its highest seq, and whether it was an end', () => {
  const { hub, deliver } = createScene();
  expect(hub.passed(A)).toBeNull();
  deliver(progress(2, { id: A }));
  expect(hub.passed(A)).toMatchObject({ lastSeq: 0, endTold: false });
  deliver(lifecycle(1, { id: A }));
  deliver(progress(3, { id: A, status: 'cancelled' }));
  deliver(lifecycle(2, { id: A, type: 'JOB_CANCELLED' }));
  deliver(lifecycle(1, { id: A }));
  expect(hub.passed(A)).toMatchObject({ lastSeq: 2, endTold: true });
});

test('what is news to a watcher is told without an event having passed', () => {
  const { hub, peer, watch } = createScene();
  expect(hub.isNews(progress(1, { id: A }))).toBe(true);
  watch(A, 3);
  expect([3, 4].map((version) => hub.isNews(progress(version, { id: A })))).toEqual([false, true]);
  hub.leave(peer);
  expect(hub.isNews(progress(9, { id: A }))).toBe(false);
});

test('the jobs remembered are bounded, and the one heard longest ago is forgotten', () => {
  const { hub, deliver } = createScene();
  for (let index = 0; index < TRACKED_JOBS_MAX; index += 1) deliver(progress(1, { id: jobId(index) }), index);
  deliver(progress(2, { id: jobId(0) }), TRACKED_JOBS_MAX);
  deliver(progress(1, { id: jobId(TRACKED_JOBS_MAX) }), TRACKED_JOBS_MAX);
  expect(hub.silentSince(Number.POSITIVE_INFINITY)).toHaveLength(TRACKED_JOBS_MAX);
  expect(hub.passed(jobId(0))).not.toBeNull();
  expect(hub.passed(jobId(1))).toBeNull();
});

test('of the jobs remembered those whose end was told are forgotten first', () => {
  const { hub, deliver } = createScene();
  for (let index = 0; index < TRACKED_JOBS_MAX; index += 1) deliver(progress(1, { id: jobId(index) }), index);
  for (const index of [5, 7]) {
    deliver(progress(2, { id: jobId(index), status: 'cancelled' }), TRACKED_JOBS_MAX);
    deliver(lifecycle(2, { id: jobId(index), type: 'JOB_CANCELLED' }), TRACKED_JOBS_MAX);
  }
  const forgotten = () => [0, 1, 5, 7].filter((index) => !hub.passed(jobId(index)));
  deliver(progress(1, { id: jobId(TRACKED_JOBS_MAX) }), TRACKED_JOBS_MAX);
  expect(forgotten()).toEqual([5]);
  deliver(progress(1, { id: jobId(TRACKED_JOBS_MAX + 1) }), TRACKED_JOBS_MAX);
  expect(forgotten()).toEqual([5, 7]);
  deliver(progress(1, { id: jobId(TRACKED_JOBS_MAX + 2) }), TRACKED_JOBS_MAX);
  expect(forgotten()).toEqual([0, 5, 7]);
});
