import {
  briefly,
  createFakeReader,
  frameOf,
  jobId,
  jobProgress,
  lifecycle,
  OWNER,
  progress,
  snapshotOf,
  step,
} from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { createHub } from './hub.ts';

const [A, B] = [jobId(1), jobId(2)];

function createScene() {
  const hub = createHub({
    clock: createHandClock(),
    onWatched: () => () => undefined,
    onGap: () => undefined,
  });
  const reader = createFakeReader();
  hub.join(reader);
  hub.deliver(lifecycle(1, { id: B }), OWNER);
  return { hub, reader };
}

test('what waits for a slow reader of everything is dropped by its first subscribe, which is not about it', () => {
  const { hub, reader } = createScene();
  hub.subscribe(reader, A);
  expect(reader.forgotten).toEqual(['everything']);
});

test('a later subscribe leaves alone what waits of the jobs named before', () => {
  const { hub, reader } = createScene();
  hub.subscribe(reader, A);
  hub.subscribe(reader, B);
  expect(reader.forgotten).toEqual(['everything']);
});

describe('a reader that takes parents alone', () => {
  const of = { id: B, parentId: A };

  test('gets of everything no child, while others do', () => {
    const { hub, reader } = createScene();
    const other = createFakeReader();
    hub.join(other);
    expect(hub.wantsChildren(OWNER.tenantId)).toBe(true);
    hub.narrow(reader);
    hub.deliver(progress(2, { id: A }), OWNER);
    hub.deliver(jobProgress(1, of), OWNER);
    hub.deliver(lifecycle(2, { ...of, type: 'JOB_CANCELLED' }), OWNER);
    expect(briefly(reader)).toEqual(['JOB_STARTED 1', 'v2']);
    expect(briefly(other)).toEqual(['v2', 'p1', 'JOB_CANCELLED 2']);
  });

  test('leaves nobody who wants children, when it was the last one', () => {
    const { hub, reader } = createScene();
    const other = createFakeReader();
    hub.join(other);
    hub.narrow(reader);
    expect(hub.wantsChildren(OWNER.tenantId)).toBe(true);
    hub.leave(other);
    expect(hub.wantsChildren(OWNER.tenantId)).toBe(false);
    expect(hub.wantsChildren('nobody')).toBe(false);
  });

  test('gets the child that it names', () => {
    const { hub, reader } = createScene();
    hub.narrow(reader);
    const state = jobProgress(1, of);
    const snapshot = snapshotOf(state, { seq: 1, events: [lifecycle(1, of)] });
    hub.subscribe(reader, B).start({ snapshot, state: frameOf(state), replay: [] });
    hub.narrow(reader);
    hub.deliver(jobProgress(2, of), OWNER);
    hub.deliver(step(1, of), OWNER);
    expect(briefly(reader)).toEqual(['JOB_STARTED 1', 'p1', 'p2', 'n1']);
  });
});

test('a step goes to those alone who named its job', () => {
  const { hub, reader } = createScene();
  const [named, other] = [createFakeReader(), createFakeReader()];
  for (const [one, id] of [
    [named, A],
    [other, B],
  ] as const) {
    const state = progress(1, { id });
    hub.subscribe(one, id).start({ snapshot: snapshotOf(state), state: frameOf(state), replay: [] });
  }
  expect(hub.deliver(step(1, { id: A }), OWNER)).toBe(true);
  expect(hub.deliver(step(1, { id: jobId(3) }), OWNER)).toBe(false);
  expect([reader, named, other].map((one) => briefly(one).filter((told) => told === 'n1'))).toEqual([
    [],
    ['n1'],
    [],
  ]);
});

test('of a job that is gone nothing is known, and who watched it does so no longer', () => {
  const { hub, reader } = createScene();
  const state = progress(1, { id: A });
  const live = hub.subscribe(reader, A);
  live.start({ snapshot: snapshotOf(state), state: frameOf(state), replay: [] });
  const waiting = createFakeReader();
  hub.subscribe(waiting, A);
  expect(hub.gone(A)).toEqual([reader]);
  expect([live.hasEnded, [...hub.watchedBy(reader)], [...hub.watchedBy(waiting)]]).toEqual([true, [], [A]]);
  expect(hub.gone(A)).toEqual([]);
  hub.leave(waiting);
  expect([hub.watchedJobs, hub.passed(A)]).toEqual([0, null]);
});
