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
  const watched: string[] = [];
  const hub = createHub({
    clock: createHandClock(),
    onWatched(_tenantId, what) {
      const name = 'all' in what ? what.all : what.jobId;
      watched.push(name);
      return () => void watched.push(`${name} no more`);
    },
    onGap: () => undefined,
  });
  const reader = createFakeReader();
  hub.join(reader);
  hub.deliver(lifecycle(1, { id: B }), OWNER);
  return { hub, reader, watched };
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
    hub.narrow(reader);
    hub.deliver(progress(2, { id: A }), OWNER);
    hub.deliver(jobProgress(1, of), OWNER);
    hub.deliver(lifecycle(2, { ...of, type: 'JOB_CANCELLED' }), OWNER);
    expect(briefly(reader)).toEqual(['JOB_STARTED 1', 'v2']);
    expect(briefly(other)).toEqual(['v2', 'p1', 'JOB_CANCELLED 2']);
  });

  test('gets of everything no parent that is nested in another, while others do, and who names it', () => {
    const { hub, reader } = createScene();
    const [other, named] = [createFakeReader(), createFakeReader()];
    hub.join(other);
    hub.narrow(reader);
    const state = progress(1, of);
    hub.subscribe(named, B).start({ snapshot: snapshotOf(state), state: frameOf(state), replay: [] });
    hub.deliver(progress(2, { ...of, status: 'cancelled' }), OWNER);
    hub.deliver(lifecycle(2, { ...of, isParent: true, type: 'JOB_CANCELLED' }), OWNER);
    expect(briefly(reader)).toEqual(['JOB_STARTED 1']);
    expect(briefly(other)).toEqual(['v2', 'JOB_CANCELLED 2']);
    expect(briefly(named)).toEqual(['v1', 'v2', 'JOB_CANCELLED 2']);
  });

  test('has children listened to no longer when it was the last one; whoever takes them has it so again', () => {
    const { hub, reader, watched } = createScene();
    const [other, third] = [createFakeReader(), createFakeReader()];
    hub.join(other);
    hub.narrow(reader);
    hub.narrow(reader);
    expect(watched.splice(0)).toEqual(['parents', 'children']);
    hub.leave(other);
    expect(watched.splice(0)).toEqual(['children no more']);
    hub.join(third);
    expect(watched.splice(0)).toEqual(['children']);
    hub.subscribe(third, A);
    expect(watched.splice(0)).toEqual([A, 'children no more']);
    hub.leave(reader);
    expect(watched).toEqual(['parents no more']);
  });

  test('leaves nothing known of children that nobody watches', () => {
    const { hub, reader } = createScene();
    const named = createFakeReader();
    const [unnamed, parent] = [jobId(3), jobId(4)];
    hub.subscribe(named, B);
    for (const id of [B, unnamed]) hub.deliver(jobProgress(1, { id, parentId: A }), OWNER);
    hub.deliver(progress(1, { id: parent }), OWNER);
    hub.narrow(reader);
    expect([B, unnamed, parent].map((id) => hub.passed(id) !== null)).toEqual([true, false, true]);
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
