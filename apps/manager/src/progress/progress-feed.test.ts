import type { TopicEvents } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub, type EventBus } from '@progeny/event-bus';
import { progressOf } from '../testing/progress-of.ts';
import { createProgressFeed, type ProgressWaiter } from './progress-feed.ts';

const JOBS = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002'] as const;
const parent = (jobId: string, tenantId = 'acme') => ({ kind: 'parent' as const, tenantId, jobId });

/** A feed on a bus that counts who listens on it, and somebody else who publishes. */
function createScene({ maxWaiting = 100 } = {}) {
  const hub = createMemoryHub();
  const own = createMemoryEventBus({ hub });
  const other = createMemoryEventBus({ hub });
  const listeners = new Set<() => unknown>();
  let subscriptions = 0;
  const bus: EventBus = Object.defineProperty(
    {
      ...own,
      subscribe: (...args: Parameters<typeof own.subscribe>) => {
        const { unsubscribe } = own.subscribe(...args);
        subscriptions += 1;
        return {
          unsubscribe() {
            subscriptions -= 1;
            unsubscribe();
          },
        };
      },
      onConnected: (listener: () => unknown) => {
        listeners.add(listener);
        return { unsubscribe: () => listeners.delete(listener) };
      },
    } as EventBus,
    'state',
    { get: () => own.state },
  );
  const heard: string[] = [];
  const feed = createProgressFeed({ bus, maxWaiting });
  return {
    feed,
    own,
    heard,
    standing: () => ({ subscriptions, listeners: listeners.size, waiting: feed.waiting }),
    reconnect: () => {
      for (const listener of listeners) listener();
    },
    waiter: (name: string): ProgressWaiter => ({
      onTold: (progress) => void heard.push(`${name} ${progress?.version ?? 'may have missed some'}`),
      onEnd: () => void heard.push(`${name} ended`),
    }),
    tell: (event: Pick<TopicEvents['job_lifecycle'], 'type' | 'payload'>) =>
      other.publishSync({
        tenantId: 'acme',
        event: { ...event, timestamp: new Date(0).toISOString() } as TopicEvents['job_lifecycle'],
      }),
    publish: (jobId: string, version: number, { tenantId = 'acme', parentId = null as string | null } = {}) =>
      other.publishSync({
        tenantId,
        event: {
          type: 'parent_job_progress',
          payload: { ...progressOf(jobId, version), parent_id: parentId },
          timestamp: new Date(0).toISOString(),
        },
      }),
  };
}

test('all who wait for a job share one subscription, and the last who leaves ends it', async () => {
  const { feed, heard, waiter, publish, standing } = createScene();
  const waits = [
    feed.wait(parent(JOBS[0]), waiter('a')),
    feed.wait(parent(JOBS[0]), waiter('b')),
    feed.wait(parent(JOBS[1]), waiter('c')),
  ];
  await Promise.all(waits.map((wait) => wait?.stands));
  expect(standing()).toEqual({ subscriptions: 2, listeners: 1, waiting: 3 });
  await publish(JOBS[0], 4);
  await publish(JOBS[0], 5, { tenantId: 'elsewhere' });
  expect(heard).toEqual(['a 4', 'b 4']);
  waits[0]?.leave();
  waits[0]?.leave();
  await publish(JOBS[0], 6);
  expect(heard.slice(2)).toEqual(['b 6']);
  for (const wait of waits) wait?.leave();
  expect(standing()).toEqual({ subscriptions: 0, listeners: 0, waiting: 0 });
});

test('of a parent within another its progress is told, as of any', async () => {
  const { feed, heard, waiter, publish, standing } = createScene();
  const wait = feed.wait(parent(JOBS[0]), waiter('a'));
  await wait?.stands;
  await publish(JOBS[0], 4, { parentId: JOBS[1] });
  await publish(JOBS[1], 5);
  expect(heard).toEqual(['a 4']);
  wait?.leave();
  expect(standing().subscriptions).toBe(0);
});

test('of a child it is told that it begins, gets on or ends, and not what: the ledger says that', async () => {
  const { feed, heard, waiter, tell, standing } = createScene();
  const wait = feed.wait({ kind: 'child', tenantId: 'acme', jobId: JOBS[0] }, waiter('a'));
  await wait?.stands;
  const base = { job_id: JOBS[0], parent_id: JOBS[1], operation_type: 'task' };
  await tell({ type: 'JOB_STARTED', payload: { ...base, seq: 1 } });
  await tell({ type: 'JOB_PROGRESS', payload: { ...base, version: 3, progress: 1, stage: 's', label: '' } });
  await tell({ type: 'JOB_STARTED', payload: { ...base, job_id: JOBS[1], seq: 1 } });
  expect(heard).toEqual(Array(2).fill('a may have missed some'));
  wait?.leave();
  expect(standing().subscriptions).toBe(0);
});

test('beyond the most who may wait nobody waits, until somebody has left', () => {
  const { feed, waiter, standing } = createScene({ maxWaiting: 2 });
  const first = feed.wait(parent(JOBS[0]), waiter('a'));
  expect(feed.wait(parent(JOBS[1]), waiter('b'))).not.toBeNull();
  expect(feed.wait(parent(JOBS[1]), waiter('c'))).toBeNull();
  expect(standing()).toEqual({ subscriptions: 2, listeners: 1, waiting: 2 });
  first?.leave();
  expect(feed.wait(parent(JOBS[1]), waiter('c'))).not.toBeNull();
});

test('everybody who waits is told when the bus is back', () => {
  const { feed, heard, waiter, reconnect } = createScene();
  feed.wait(parent(JOBS[0]), waiter('a'));
  feed.wait(parent(JOBS[1]), waiter('b'));
  reconnect();
  expect(heard).toEqual(['a may have missed some', 'b may have missed some']);
});

test('a wait stands though the bus is away', async () => {
  const { own, waiter } = createScene();
  const feed = createProgressFeed({
    bus: { ...own, state: 'reconnecting', flush: () => Promise.reject(new Error('away')) },
    maxWaiting: 1,
  });
  await feed.wait(parent(JOBS[0]), waiter('a'))?.stands;
  expect(feed.waiting).toBe(1);
});

test('an end is told to all, and nobody waits after it; nor on a bus that is closed', async () => {
  const ending = createScene();
  ending.feed.wait(parent(JOBS[0]), ending.waiter('a'));
  ending.feed.wait(parent(JOBS[1]), ending.waiter('b'));
  ending.feed.end();
  expect(ending.heard).toEqual(['a ended', 'b ended']);
  expect(ending.feed.wait(parent(JOBS[0]), ending.waiter('c'))).toBeNull();
  const closed = createScene();
  await closed.own.close();
  expect(closed.feed.wait(parent(JOBS[0]), closed.waiter('a'))).toBeNull();
});
