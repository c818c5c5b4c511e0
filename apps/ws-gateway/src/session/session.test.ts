import { type ClientMessage, LIMITS } from '@progeny/contract';
import type { OwnedProgress } from '@progeny/job-store';
import { createLog } from '@progeny/kit';
import fc from 'fast-check';
import { createHub } from './hub.ts';
import { createSession, parseClientMessage } from './session.ts';
import { briefly, createFakePeer, type FakePeer, jobId, lifecycle, progress } from './testing/events.ts';

const [A, B, UNKNOWN] = [jobId(1), jobId(2), jobId(404)];

const owned = (id: string, version: number): OwnedProgress => ({
  tenantId: 'acme',
  userId: 'ann',
  progress: progress(version, { id }).payload,
});

/** A store with the jobs A and B, whose reads the test may hold up. */
function createScene({ read }: { read?: (ids: readonly string[]) => Promise<OwnedProgress[]> } = {}) {
  const hub = createHub();
  const store = {
    getProgress:
      read ??
      (async (ids: readonly string[]) => [A, B].filter((id) => ids.includes(id)).map((id) => owned(id, 1))),
  };
  const session = createSession({ hub, store, log: createLog({ service: 'test', level: 'silent' }) });
  const peer = createFakePeer();
  hub.join(peer);
  const handle = (message: ClientMessage) => session.handle(peer, message);
  const subscribe = (...ids: string[]) => handle({ type: 'subscribe', payload: { job_ids: ids } });
  const unsubscribe = (...ids: string[]) => handle({ type: 'unsubscribe', payload: { job_ids: ids } });
  return { hub, session, peer, handle, subscribe, unsubscribe };
}

const last = (peer: FakePeer) => peer.messages.at(-1);

/** A promise and its two ends. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

test('subscribe is answered, then the snapshot comes, then what is newer', async () => {
  const { hub, peer, subscribe } = createScene();
  await subscribe(A);
  hub.deliver(progress(2), 0);
  expect(briefly(peer)).toEqual(['subscribed', 'v1', 'v2']);
  expect(peer.messages[0]?.payload).toEqual({ job_ids: [A] });
});

test('an unknown job is an error of its own, and the others are subscribed', async () => {
  const { hub, peer, subscribe } = createScene();
  await subscribe(A, UNKNOWN, B);
  expect(briefly(peer)).toEqual(['subscribed', 'error job_not_found', 'v1', 'v1']);
  expect(peer.messages.slice(0, 2).map(({ payload }) => payload)).toMatchObject([
    { job_ids: [A, B] },
    { job_ids: [UNKNOWN] },
  ]);
  expect([...hub.watchedBy(peer)]).toEqual([A, B]);
});

test('the same job twice in one message is one subscription', async () => {
  const { peer, subscribe } = createScene();
  await subscribe(A, A);
  expect(briefly(peer)).toEqual(['subscribed', 'v1']);
  expect(peer.messages[0]?.payload).toEqual({ job_ids: [A] });
});

test('more jobs than a connection may watch are refused, and nothing changes', async () => {
  const ids = Array.from({ length: LIMITS.wsJobsPerConnection }, (_, index) => jobId(index));
  const { hub, peer, subscribe } = createScene({ read: async (wanted) => wanted.map((id) => owned(id, 1)) });
  await subscribe(...ids);
  await subscribe(jobId(1000));
  expect(last(peer)).toMatchObject({
    type: 'error',
    payload: { code: 'too_many_jobs', job_ids: [jobId(1000)] },
  });
  expect([...hub.watchedBy(peer)]).toEqual(ids);
  hub.deliver(progress(2, { id: ids[0] ?? '' }), 0);
  expect(briefly(peer).at(-1)).toBe('v2');
});

test('a job that is watched already does not count twice', async () => {
  const ids = Array.from({ length: LIMITS.wsJobsPerConnection }, (_, index) => jobId(index));
  const { peer, subscribe } = createScene({ read: async (wanted) => wanted.map((id) => owned(id, 1)) });
  await subscribe(...ids);
  await subscribe(ids[0] ?? '');
  expect(briefly(peer).slice(-2)).toEqual(['subscribed', 'v1']);
});

test('a database that is away is an error to try again, and the jobs are not watched', async () => {
  const { hub, peer, subscribe } = createScene({
    read: () => Promise.reject(new Error('connection refused')),
  });
  await subscribe(A, B);
  hub.deliver(progress(2), 0);
  expect(briefly(peer)).toEqual(['error unavailable']);
  expect(last(peer)?.payload).toMatchObject({ job_ids: [A, B] });
  expect(JSON.stringify(peer.messages)).not.toContain('connection refused');
  expect([...hub.watchedBy(peer)]).toEqual([]);
});

test('unsubscribe is answered, and events of the job stop', async () => {
  const { hub, peer, subscribe, unsubscribe } = createScene();
  await subscribe(A, B);
  await unsubscribe(A);
  hub.deliver(progress(2, { id: A }), 0);
  hub.deliver(progress(3, { id: B }), 0);
  expect(briefly(peer).slice(3)).toEqual(['unsubscribed', 'v3']);
});

test('ping is answered with pong', async () => {
  const { peer, handle } = createScene();
  await handle({ type: 'ping' });
  expect(briefly(peer)).toEqual(['pong']);
});

describe('what happens while a snapshot is being read', () => {
  test('a peer that unsubscribes hears nothing of the job afterwards, not even that it is subscribed', async () => {
    const reading = deferred<OwnedProgress[]>();
    const { peer, subscribe, unsubscribe } = createScene({ read: () => reading.promise });
    const subscribing = subscribe(A);
    await unsubscribe(A);
    reading.resolve([owned(A, 1)]);
    await subscribing;
    expect(briefly(peer)).toEqual(['unsubscribed']);
  });

  test('a peer that subscribes again gets the later snapshot, whichever is read first', async () => {
    const reads = [deferred<OwnedProgress[]>(), deferred<OwnedProgress[]>()];
    let next = 0;
    const { hub, peer, subscribe } = createScene({
      read: () => reads[next++]?.promise ?? Promise.resolve([]),
    });
    const subscribing = [subscribe(A), subscribe(A)];
    reads[1]?.resolve([owned(A, 5)]);
    await subscribing[1];
    hub.deliver(progress(6), 0);
    reads[0]?.resolve([owned(A, 4)]);
    await subscribing[0];
    expect(briefly(peer)).toEqual(['subscribed', 'v5', 'v6']);
  });

  test('a first read that fails does not end the second subscription', async () => {
    const failing = deferred<OwnedProgress[]>();
    let next = 0;
    const { hub, peer, subscribe } = createScene({
      read: async () => (next++ === 0 ? failing.promise : [owned(A, 5)]),
    });
    const first = subscribe(A);
    await subscribe(A);
    failing.reject(new Error('away'));
    await first;
    hub.deliver(progress(6), 0);
    expect(briefly(peer)).toEqual(['subscribed', 'v5', 'v6']);
  });

  test('a peer that leaves is sent nothing', async () => {
    const reading = deferred<OwnedProgress[]>();
    const { hub, peer, subscribe } = createScene({ read: () => reading.promise });
    const subscribing = subscribe(A);
    hub.leave(peer);
    reading.resolve([owned(A, 1)]);
    await subscribing;
    expect(peer.messages).toEqual([]);
    expect(hub.peers).toBe(0);
  });
});

/**
 * One job whose folds commit, are told on the bus later, and are read at any moment by subscriptions that may be slow.
 * `seq` of the lifecycle follows the version, so that each fold tells a progress and one lifecycle event.
 */
test('in every interleaving a peer gets rising versions up to the newest, and no event of its time is lost', async () => {
  const step = fc.constantFrom(
    'commit',
    'commit',
    'deliver',
    'deliver',
    'subscribe',
    'unsubscribe',
    'read',
    'answer',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      let committed = 1;
      let delivered = 1;
      /** Reads that were asked for; `version` once the database has looked. */
      const reads: { version: number | null; answer: (found: OwnedProgress[]) => void }[] = [];
      const { hub, peer, subscribe, unsubscribe } = createScene({
        read: () => new Promise((answer) => void reads.push({ version: null, answer })),
      });
      const subscribing: Promise<void>[] = [];
      let registeredAt: number | null = null;

      const deliverNext = () => {
        delivered += 1;
        hub.deliver(lifecycle(delivered), 0);
        hub.deliver(progress(delivered), 0);
      };
      const answerNext = async () => {
        const done = reads.shift();
        done?.answer([owned(A, done.version ?? committed)]);
        await new Promise(setImmediate);
      };
      const take: Record<typeof step extends fc.Arbitrary<infer Step> ? Step : never, () => unknown> = {
        commit: () => (committed += 1),
        deliver: () => delivered < committed && deliverNext(),
        subscribe: () => {
          registeredAt = delivered;
          subscribing.push(subscribe(A));
        },
        unsubscribe: () => {
          registeredAt = null;
          return unsubscribe(A);
        },
        read: () => {
          const unread = reads.find(({ version }) => version === null);
          if (unread) unread.version = committed;
        },
        answer: answerNext,
      };
      // From everything to nothing, so that only subscriptions speak.
      subscribing.push(subscribe(A));
      await unsubscribe(A);
      for (const name of steps) await take[name]();
      while (reads.length > 0) await answerNext();
      while (delivered < committed) deliverNext();
      await Promise.all(subscribing);

      const spoken = briefly(peer);
      expectRising(spoken);
      if (registeredAt === null) return;
      const since = registeredAt;
      expect(spoken.filter((text) => text.startsWith('v')).at(-1)).toBe(`v${committed}`);
      const seqs = spoken
        .slice(spoken.lastIndexOf('subscribed'))
        .filter((text) => text.startsWith('JOB_STARTED'));
      expect(seqs).toEqual(
        Array.from({ length: committed - since }, (_, index) => `JOB_STARTED ${since + index + 1}`),
      );
    }),
    { numRuns: 300 },
  );
});

/** Frames only between `subscribed` and the next `unsubscribed`, a progress first, versions rising. */
function expectRising(spoken: readonly string[]): void {
  let version: number | null = null;
  for (const text of spoken) {
    if (text === 'subscribed') version = 0;
    if (text === 'unsubscribed') version = null;
    if (text.startsWith('JOB_')) expect(version).toBeGreaterThan(0);
    if (!text.startsWith('v')) continue;
    expect(version).not.toBeNull();
    expect(Number(text.slice(1))).toBeGreaterThan(version ?? 0);
    version = Number(text.slice(1));
  }
}

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
