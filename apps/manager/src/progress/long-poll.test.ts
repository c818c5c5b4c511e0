import type { ParentJobProgress } from '@progeny/contract';
import fc from 'fast-check';
import { progressOf } from '../testing/progress-of.ts';
import { longPoll } from './long-poll.ts';
import type { ProgressFeed, ProgressWaiter } from './progress-feed.ts';

const PARENT = { kind: 'parent' as const, tenantId: 'acme', jobId: '01890000-0000-7000-8000-000000000001' };
const NEVER_MS = 2 ** 30;

/** A ledger and a feed in which each step happens when the test says so; what is told before a wait stands is lost. */
function createScene(step: <T>(name: string, does: () => T) => Promise<T> = async (_, does) => does()) {
  let version = 1;
  const waiters = new Map<ProgressWaiter, { stands: boolean }>();
  const gone = new AbortController();
  let reads = 0;
  const feed: ProgressFeed = {
    wait(_, waiter) {
      const entry = { stands: false };
      waiters.set(waiter, entry);
      const stands = step('stands', () => {
        entry.stands = true;
      });
      return { stands, leave: () => void waiters.delete(waiter) };
    },
    end() {
      for (const { onEnd } of waiters.keys()) onEnd();
    },
    get waiting() {
      return waiters.size;
    },
  };
  const tell = (progress: ParentJobProgress | null) => {
    for (const [{ onTold }, { stands }] of waiters) if (stands) onTold(progress);
  };
  return {
    feed,
    gone,
    tell,
    write: () => ++version,
    reads: () => reads,
    poll: ({ known = 1, waitMs = NEVER_MS, isToldWhole = true } = {}) =>
      longPoll({
        first: progressOf(PARENT.jobId, version),
        read: () => {
          reads += 1;
          return step('read', () => progressOf(PARENT.jobId, version));
        },
        isNews: (state) => state.version !== known,
        stateOf: (progress) => (isToldWhole ? progress : null),
        feed,
        job: PARENT,
        waitMs,
        gone: gone.signal,
      }),
  };
}

afterEach(() => jest.useRealTimers());

test.each([
  ['that is told whole', true],
  ['of which only the wake is told', false],
])(
  'in every order of reading, registering and telling, a change %s ends the wait',
  async (_, isToldWhole) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), async (scheduler, changes) => {
        const scene = createScene((name, does) => scheduler.schedule(Promise.resolve(), name).then(does));
        const answered = scene.poll({ isToldWhole });
        const told: Promise<void>[] = [];
        const writing = scheduler.scheduleSequence(
          Array.from({ length: changes }, () => async () => {
            const version = scene.write();
            told.push(
              scheduler
                .schedule(Promise.resolve(), `tell ${version}`)
                .then(() => scene.tell(progressOf(PARENT.jobId, version))),
            );
          }),
        );
        await scheduler.waitFor(Promise.all([answered, writing.task]));
        expect((await answered).version).toBeGreaterThan(1);
        expect(scene.feed.waiting).toBe(0);
        await scheduler.waitIdle();
        await Promise.all(told);
      }),
      { numRuns: 2_000 },
    );
  },
);

test('whoever has it already waits; whoever has something else is answered at once', async () => {
  const { poll, feed, reads } = createScene();
  expect((await poll({ known: 7 })).version).toBe(1);
  expect((await poll({ waitMs: 0 })).version).toBe(1);
  expect([reads(), feed.waiting]).toEqual([0, 0]);
});

test('a snapshot that comes late is not taken for news', async () => {
  const { poll, tell, write, feed } = createScene();
  write();
  const answered = poll({ known: 2 });
  await settled();
  tell(progressOf(PARENT.jobId, 1));
  tell(progressOf(PARENT.jobId, 2));
  await settled();
  expect(feed.waiting).toBe(1);
  tell(progressOf(PARENT.jobId, 3));
  expect((await answered).version).toBe(3);
});

test('a change that nobody tells of is found at the end of the wait', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { poll, write, feed } = createScene();
  const answered = poll({ waitMs: 30_000 });
  await settled();
  write();
  await jest.advanceTimersByTimeAsync(30_000);
  expect((await answered).version).toBe(2);
  expect(feed.waiting).toBe(0);
});

test('a feed that may have missed some is a reason to read', async () => {
  const { poll, tell, write } = createScene();
  const answered = poll();
  await settled();
  write();
  tell(null);
  expect((await answered).version).toBe(2);
});

test('when the manager stops, and when whoever asked has gone, the wait is over and nothing stays', async () => {
  for (const end of ['stop', 'gone'] as const) {
    const { poll, feed, gone, reads } = createScene();
    const answered = poll();
    await settled();
    expect([feed.waiting, reads()]).toEqual([1, 1]);
    if (end === 'stop') feed.end();
    else gone.abort();
    expect((await answered).version).toBe(1);
    expect([feed.waiting, reads()]).toEqual([0, end === 'stop' ? 2 : 1]);
  }
});

test('a ledger that cannot be read ends the wait with that fault', async () => {
  let isThere = true;
  const { feed, gone, tell } = createScene();
  const answered = longPoll({
    first: progressOf(PARENT.jobId, 1),
    read: async () => {
      if (!isThere) throw new Error('away');
      return progressOf(PARENT.jobId, 1);
    },
    isNews: () => false,
    stateOf: () => null,
    feed,
    job: PARENT,
    waitMs: NEVER_MS,
    gone: gone.signal,
  });
  await settled();
  isThere = false;
  tell(null);
  await expect(answered).rejects.toThrow('away');
  expect(feed.waiting).toBe(0);
});

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
