import {
  createFakeReader,
  frameOf,
  jobId,
  jobProgress,
  lifecycle,
  OWNER,
  progress,
  snapshotOf,
} from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { createHub } from './hub.ts';

const [A, B, OUTER] = [jobId(1), jobId(2), jobId(8)];

/** One reader watches everything. */
function createScene() {
  const hub = createHub({
    clock: createHandClock(),
    onWatched: () => () => undefined,
    onGap: () => undefined,
  });
  const reader = createFakeReader();
  hub.join(reader);
  /** By name, a job that has ended or runs. */
  const watch = (
    id: string,
    { by = createFakeReader(), parentId = null as string | null, runs = false } = {},
  ) => {
    const state = jobProgress(1, { id, parentId });
    const type = runs ? 'JOB_STARTED' : 'JOB_CANCELLED';
    const snapshot = snapshotOf(state, { seq: 1, events: [lifecycle(1, { id, parentId, type })] });
    const subscription = hub.subscribe(by, id);
    subscription.start({ snapshot, state: frameOf(state), replay: [] });
    return { by, subscription };
  };
  return { hub, reader, watch };
}

test('of a job that is gone nothing is known, and who watched it does so no longer', () => {
  const { hub, reader, watch } = createScene();
  const { subscription } = watch(A, { by: reader });
  const waiting = createFakeReader();
  hub.subscribe(waiting, A);
  expect(hub.gone(A)).toEqual([reader]);
  expect([subscription.hasEnded, [...hub.watchedBy(reader)], [...hub.watchedBy(waiting)]]).toEqual([
    true,
    [],
    [A],
  ]);
  expect(hub.gone(A)).toEqual([]);
  hub.leave(waiting);
  expect([hub.watchedJobs, hub.passed(A)]).toEqual([0, null]);
});

test('who watches everything is told, if he may have seen it, as far as it is known whose it was', () => {
  const { hub, reader, watch } = createScene();
  const [bob, stranger] = [
    createFakeReader({ userId: 'bob', role: 'user' }),
    createFakeReader({ tenantId: 'other' }),
  ];
  for (const one of [bob, stranger]) hub.join(one);
  const { by } = watch(A);
  expect(hub.gone(A, OWNER)).toEqual([reader, by]);
  expect(hub.gone(B)).toEqual([]);
  hub.deliver(progress(1, { id: B }), { ...OWNER, userId: 'bob' });
  expect(hub.gone(B)).toEqual([reader, bob]);
});

test('that a child is gone is nothing to who takes parents alone', () => {
  const { hub, reader } = createScene();
  const other = createFakeReader();
  hub.join(other);
  hub.narrow(reader);
  hub.deliver(jobProgress(1, { id: A, parentId: OUTER }), OWNER);
  expect(hub.gone(A)).toEqual([other]);
});

test('what a deletion may have taken along is what is watched by name within others, and has ended', () => {
  const { hub, watch } = createScene();
  watch(A, { parentId: OUTER });
  watch(jobId(3));
  watch(B, { parentId: OUTER, runs: true });
  expect([hub.endedWithin('acme'), hub.endedWithin('other')]).toEqual([[A], []]);
  hub.deliver(lifecycle(2, { id: B, parentId: OUTER, type: 'JOB_CANCELLED' }), OWNER);
  expect(hub.endedWithin('acme')).toEqual([A, B]);
  hub.deliver(lifecycle(3, { id: B, parentId: OUTER }), OWNER);
  expect(hub.endedWithin('acme')).toEqual([A]);
});
