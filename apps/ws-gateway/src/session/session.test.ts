import { type ClientMessage, LIMITS, type LifecycleEvent } from '@progeny/contract';
import type { Snapshots } from '@progeny/job-store';
import { createLog } from '@progeny/kit';
import { createHub } from '../hub/hub.ts';
import {
  briefly,
  createFakeReader,
  type FakeReader,
  jobId,
  jobProgress,
  lifecycle,
  OWNER,
  PARENT,
  progress,
  snapshotOf,
} from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { ledgerOf } from '../testing/ledger-reads.ts';
import { createSession, parseClientMessage } from './session.ts';
import { createSnapshotReader } from './snapshot-reader.ts';

const [A, B, UNKNOWN] = [jobId(1), jobId(2), jobId(404)];
type Say = Exclude<ClientMessage, { type: 'auth' }>;

const EPOCH = 'epoch-1';

const snapshotsOf = (
  ids: readonly string[],
  { version = 1, seq = 0, kept }: { version?: number; seq?: number; kept?: number } = {},
): Snapshots => ({
  epoch: EPOCH,
  snapshots: ids.map((id) => ({
    ...OWNER,
    kind: 'parent',
    progress: progress(version, { id }).payload,
    seq,
    lifecycle: Array.from({ length: kept ?? seq }, (_, index) =>
      lifecycle(seq - (kept ?? seq) + index + 1, { id }),
    ),
  })),
});

/** A store with the jobs A and B, whose reads the test may hold up. */
function createScene({ read, reader = createFakeReader() }: { read?: Read; reader?: FakeReader } = {}) {
  const clock = createHandClock();
  const hub = createHub({ clock, onWatched: () => () => undefined, onGap: () => undefined });
  const known: Read = async (ids) => snapshotsOf([A, B].filter((id) => ids.includes(id)));
  const session = createSession({
    hub,
    readSnapshot: createSnapshotReader({
      store: ledgerOf(read ?? known),
      standing: async () => undefined,
    }),
    log: createLog({ service: 'test', level: 'silent' }),
  });
  hub.join(reader);
  const handle = (message: Say) => session.handle(reader, message);
  return {
    hub,
    reader,
    handle,
    deliver(version: number, id = A) {
      clock.move(1_000);
      hub.deliver(progress(version, { id }), OWNER);
    },
    subscribe: (...ids: string[]) => handle({ type: 'subscribe', payload: { job_ids: ids } }),
    resume: (afterSeq: number, epoch = EPOCH) =>
      handle({ type: 'subscribe', payload: { job_ids: [A], epoch, after_seq: { [A]: afterSeq } } }),
    unsubscribe: (...ids: string[]) => handle({ type: 'unsubscribe', payload: { job_ids: ids } }),
  };
}
type Read = (ids: readonly string[]) => Promise<Snapshots>;

const last = (reader: FakeReader) => reader.messages.at(-1);
const turn = () => new Promise(setImmediate);

test('subscribe is answered, then the snapshot comes, then what is newer', async () => {
  const { deliver, reader, subscribe } = createScene();
  await subscribe(A);
  deliver(2);
  expect(briefly(reader)).toEqual(['subscribed', 'v1', 'v2']);
  expect(reader.messages[0]?.payload).toEqual({
    epoch: EPOCH,
    jobs: [{ job_id: A, recovered: false, seq: 0 }],
  });
});

test('an unknown job is refused by itself, and the others are subscribed', async () => {
  const { hub, reader, subscribe } = createScene();
  await subscribe(A, UNKNOWN, B);
  expect(briefly(reader)).toEqual(['subscribed', 'refused job_not_found', 'v1', 'v1']);
  expect(reader.messages[1]?.payload).toMatchObject({ job_ids: [UNKNOWN], retryable: false });
  expect([...hub.watchedBy(reader)]).toEqual([A, B]);
});

test('a job that one may not see and one that there is not are refused in the same words', async () => {
  const refusalOf = async (id: string, identity: Parameters<typeof createFakeReader>[0]) => {
    const { hub, reader, subscribe } = createScene({ reader: createFakeReader(identity) });
    await subscribe(id);
    expect([...hub.watchedBy(reader)]).toEqual([]);
    return reader.messages.map(({ type, payload }) => JSON.stringify({ type, payload }).replaceAll(id, 'it'));
  };
  const unknown = await refusalOf(UNKNOWN, {});
  expect(unknown).toHaveLength(1);
  expect(await refusalOf(A, { userId: 'bob', role: 'user' })).toEqual(unknown);
  expect(await refusalOf(A, { tenantId: 'other' })).toEqual(unknown);
});

describe('a reader that comes back', () => {
  const has = { version: 9, seq: 4 };
  const scene = (more = {}) => createScene({ read: async (ids) => snapshotsOf(ids, { ...has, ...more }) });

  test('gets the snapshot and then what it missed', async () => {
    const { reader, resume } = scene();
    await resume(2);
    expect(briefly(reader)).toEqual(['subscribed', 'v9', 'JOB_STARTED 3', 'JOB_STARTED 4']);
    expect(reader.messages[0]?.payload).toMatchObject({ jobs: [{ recovered: true, seq: 4 }] });
  });

  test('and has missed nothing gets the snapshot alone, recovered', async () => {
    const { reader, resume } = scene();
    await resume(4);
    expect(briefly(reader)).toEqual(['subscribed', 'v9']);
    expect(reader.messages[0]?.payload).toMatchObject({ jobs: [{ recovered: true, seq: 4 }] });
  });

  test.each([
    ['of another ledger', 2, 'epoch-0', {}],
    ['with a cursor from the future', 5, EPOCH, {}],
    ['having missed more than is kept', 1, EPOCH, { kept: 2 }],
  ])('%s gets the snapshot alone, and is told so', async (_, afterSeq, epoch, more) => {
    const { reader, resume } = scene(more);
    await resume(afterSeq, epoch);
    expect(briefly(reader)).toEqual(['subscribed', 'v9']);
    expect(reader.messages[0]?.payload).toMatchObject({ jobs: [{ recovered: false, seq: 4 }] });
  });
});

test('the same job twice in one message is one subscription', async () => {
  const { reader, subscribe } = createScene();
  await subscribe(A, A);
  expect(briefly(reader)).toEqual(['subscribed', 'v1']);
});

describe('the jobs of a connection', () => {
  const ids = Array.from({ length: LIMITS.wsJobsPerConnection }, (_, index) => jobId(index));
  const scene = () => createScene({ read: async (wanted) => snapshotsOf(wanted) });

  test('are bounded: more are refused, and nothing changes', async () => {
    const { hub, deliver, reader, subscribe } = scene();
    await subscribe(...ids);
    await subscribe(jobId(1_000));
    expect(last(reader)).toMatchObject({
      type: 'refused',
      payload: { code: 'too_many_jobs', job_ids: [jobId(1_000)], retryable: false },
    });
    expect([...hub.watchedBy(reader)]).toEqual(ids);
    deliver(2, ids[0]);
    expect(briefly(reader).at(-1)).toBe('v2');
  });

  test('that are watched already do not count twice', async () => {
    const { reader, subscribe } = scene();
    await subscribe(...ids);
    await subscribe(ids[0] ?? '');
    expect(briefly(reader).slice(-2)).toEqual(['subscribed', 'v1']);
  });
});

test('a database that is away is a refusal to try again, and the jobs are not watched', async () => {
  const { hub, deliver, reader, subscribe } = createScene({
    read: () => Promise.reject(new Error('connection refused')),
  });
  await subscribe(A, B);
  deliver(2);
  expect(briefly(reader)).toEqual(['refused unavailable']);
  expect(last(reader)?.payload).toMatchObject({ job_ids: [A, B], retryable: true });
  expect(JSON.stringify(reader.messages)).not.toContain('connection refused');
  expect([...hub.watchedBy(reader)]).toEqual([]);
});

test('unsubscribe is answered, and events of the job stop', async () => {
  const { deliver, reader, subscribe, unsubscribe } = createScene();
  await subscribe(A, B);
  await unsubscribe(A);
  deliver(2, A);
  deliver(3, B);
  expect(briefly(reader).slice(3)).toEqual(['unsubscribed', 'v3']);
});

test('ping is answered with pong', async () => {
  const { reader, handle } = createScene();
  await handle({ type: 'ping' });
  expect(briefly(reader)).toEqual(['pong']);
});

describe('what happens while a snapshot is being read', () => {
  /** Answers the oldest read with a snapshot of this version and `seq`, or lets it fail. */
  function createSlowScene() {
    const reads: {
      ids: readonly string[];
      resolve: (found: Snapshots) => void;
      reject: (error: Error) => void;
    }[] = [];
    const scene = createScene({
      read: (ids) => new Promise((resolve, reject) => void reads.push({ ids, resolve, reject })),
    });
    return {
      ...scene,
      async answer(version: number, seq = 0) {
        await turn();
        const read = reads.shift();
        read?.resolve(snapshotsOf(read.ids, { version, seq }));
        await turn();
      },
      async fail() {
        await turn();
        reads.shift()?.reject(new Error('away'));
        await turn();
      },
    };
  }

  test('a reader that unsubscribes hears nothing of the job afterwards, not even that it is subscribed', async () => {
    const { reader, subscribe, unsubscribe, answer } = createSlowScene();
    const subscribing = subscribe(A);
    await unsubscribe(A);
    await answer(1);
    await subscribing;
    expect(briefly(reader)).toEqual(['unsubscribed']);
  });

  test('a reader that subscribes again is answered once, by a snapshot of after that', async () => {
    const { reader, deliver, subscribe, answer } = createSlowScene();
    const first = subscribe(A);
    await turn();
    const second = subscribe(A);
    await answer(4);
    expect(briefly(reader)).toEqual([]);
    await answer(5);
    await Promise.all([first, second]);
    deliver(6);
    expect(briefly(reader)).toEqual(['subscribed', 'v5', 'v6']);
  });

  test('a first read that fails does not end the second subscription', async () => {
    const { reader, subscribe, answer, fail } = createSlowScene();
    const first = subscribe(A);
    await turn();
    const second = subscribe(A);
    await fail();
    await answer(5);
    await Promise.all([first, second]);
    expect(briefly(reader)).toEqual(['subscribed', 'v5']);
  });

  test('a reader that leaves is sent nothing', async () => {
    const { hub, reader, subscribe, answer } = createSlowScene();
    const subscribing = subscribe(A);
    hub.leave(reader);
    await answer(1);
    await subscribing;
    expect(reader.messages).toEqual([]);
    expect(hub.readers).toBe(0);
  });

  test('an event that comes before the one it follows makes the snapshot too old, and it is read again', async () => {
    const { hub, reader, subscribe, answer } = createSlowScene();
    const subscribing = subscribe(A);
    await turn();
    hub.deliver(lifecycle(2), OWNER);
    await answer(1, 0);
    expect(reader.messages).toEqual([]);
    await answer(3, 2);
    await subscribing;
    expect(briefly(reader)).toEqual(['subscribed', 'v3']);
  });

  test('a ledger that never gets there is no reason to read for ever', async () => {
    const { hub, reader, subscribe, answer } = createSlowScene();
    const subscribing = subscribe(A);
    await turn();
    hub.deliver(lifecycle(7), OWNER);
    for (let reads = 0; reads < 3; reads += 1) await answer(1, 0);
    await subscribing;
    expect(briefly(reader)).toEqual(['refused unavailable']);
  });
});

test.each([
  ['not JSON', '{'],
  ['no object', '"ping"'],
  ['no known type', '{"type":"shout"}'],
  ['no job ids', '{"type":"subscribe","payload":{}}'],
  ['an empty list', '{"type":"subscribe","payload":{"job_ids":[]}}'],
  ['an id that is none', '{"type":"subscribe","payload":{"job_ids":["*"]}}'],
  ['too many ids', JSON.stringify({ type: 'unsubscribe', payload: { job_ids: Array(101).fill(jobId()) } })],
])('%s is no message', (_, text) => {
  expect(parseClientMessage(text)).toBeNull();
});

test('a message that is one is understood', () => {
  const message = { type: 'subscribe', payload: { job_ids: [A] } };
  expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
});

describe('a child', () => {
  const of = { id: A, parentId: PARENT };
  const [started, ended] = [lifecycle(1, of), lifecycle(2, { ...of, type: 'JOB_CANCELLED' as const })];
  const sceneOf = (seq: number, events: LifecycleEvent[]) =>
    createScene({
      read: async () => ({ epoch: EPOCH, snapshots: [snapshotOf(jobProgress(7, of), { seq, events })] }),
    });
  const subscribe = (after_seq?: number): Say => ({
    type: 'subscribe',
    payload: {
      job_ids: [A],
      ...(after_seq !== undefined && { epoch: EPOCH, after_seq: { [A]: after_seq } }),
    },
  });

  test('begins with its progress', async () => {
    const { reader, handle } = sceneOf(1, [started]);
    await handle(subscribe());
    expect(briefly(reader)).toEqual(['subscribed', 'p7']);
  });

  test.each([
    ['without a cursor', undefined, ['JOB_CANCELLED 2']],
    ['with a cursor before', 0, ['JOB_STARTED 1', 'JOB_CANCELLED 2']],
    ['with the cursor of the end', 2, ['JOB_CANCELLED 2']],
  ])('that has ended says so, %s', async (_, after, told) => {
    const { reader, handle } = sceneOf(2, [started, ended]);
    await handle(subscribe(after));
    expect(briefly(reader)).toEqual(['subscribed', 'p7', ...told]);
  });

  test('that waits for its next run does not say that it has ended', async () => {
    const { reader, handle } = sceneOf(2, []);
    await handle(subscribe(2));
    expect(briefly(reader)).toEqual(['subscribed', 'p7']);
    expect(reader.messages[0]?.payload).toMatchObject({ jobs: [{ recovered: true, seq: 2 }] });
  });

  test('whose earlier run was missed is told from its state on', async () => {
    const { reader, handle } = sceneOf(3, [lifecycle(3, of)]);
    await handle(subscribe(1));
    expect(briefly(reader)).toEqual(['subscribed', 'p7']);
    expect(reader.messages[0]?.payload).toMatchObject({ jobs: [{ recovered: false, seq: 3 }] });
  });
});

test('narrow takes children out of everything, and answers nothing', async () => {
  const { hub, reader, handle } = createScene();
  await handle({ type: 'narrow', payload: { to: 'parents' } });
  hub.deliver(jobProgress(1, { id: B, parentId: A }), OWNER);
  hub.deliver(progress(2, { id: A }), OWNER);
  expect(briefly(reader)).toEqual(['v2']);
});
