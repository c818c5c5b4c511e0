import { type JobEvent, USER_HEADER } from '@progeny/contract';
import { createMemoryEventBus, createMemoryHub } from '@progeny/event-bus';
import type { Owner } from '@progeny/job-store';
import { createInterest } from './interest.ts';
import { brief, jobId, jobProgress, progress, step } from './testing/events.ts';
import { createScheduledBus } from './testing/interleavings/scheduled-bus.ts';

const [A, B] = [jobId(1), jobId(2)];

/** A bus on which each thing waits until it is let happen. */
function createScene() {
  const hub = createMemoryHub();
  const publisher = createMemoryEventBus({ hub });
  const { bus, serve, arrive } = createScheduledBus(createMemoryEventBus({ hub }));
  const heard: string[] = [];
  const owners: Owner[] = [];
  const interest = createInterest({
    bus,
    deliver(event: JobEvent, owner: Owner) {
      heard.push(brief(event));
      owners.push(owner);
    },
  });
  const all = (act: () => boolean) => {
    while (act());
  };
  const publish = async (version: number, { id = A, tenantId = 'acme', headers = {} } = {}) => {
    publisher.publish({ tenantId, event: progress(version, { id }), headers });
    await publisher.flush();
  };
  return {
    interest,
    heard,
    owners,
    publish,
    publishAny(event: JobEvent) {
      publisher.publish({ tenantId: 'acme', event });
      return publisher.flush();
    },
    subscriptions: () => hub.subscribers.size,
    serve: () => all(serve),
    arrive: () => all(arrive),
    arriveOnce: arrive,
    /** Everything that was watched stands. */
    async stand() {
      const standing = interest.standing();
      all(serve);
      all(arrive);
      await standing;
    },
  };
}

test('only what is watched is heard, with its owner', async () => {
  const { interest, publish, stand, arrive, heard, owners } = createScene();
  interest.watch('acme', { jobId: A });
  await stand();
  await publish(1, { headers: { [USER_HEADER]: 'ann' } });
  await publish(2, { id: B });
  await publish(4);
  arrive();
  expect(heard).toEqual(['v1', 'v4']);
  expect(owners).toEqual([
    { tenantId: 'acme', userId: 'ann' },
    { tenantId: 'acme', userId: '' },
  ]);
});

test('whoever watches all of a tenant hears of each of its jobs, and of no other', async () => {
  const { interest, publish, stand, arrive, heard } = createScene();
  interest.watch('acme', { all: 'parents' });
  await stand();
  await publish(1);
  await publish(2, { id: B });
  await publish(3, { tenantId: 'other' });
  arrive();
  expect(heard).toEqual(['v1', 'v2']);
});

test('what is published is heard though a job comes to be watched by name meanwhile', async () => {
  const { interest, publish, stand, arrive, heard } = createScene();
  interest.watch('acme', { all: 'parents' });
  await stand();
  await publish(1);
  interest.watch('acme', { jobId: A });
  await publish(2);
  arrive();
  expect(heard).toEqual(['v1', 'v2']);
});

test('what is published is heard though a job is watched by name no longer', async () => {
  const { interest, publish, stand, serve, arrive, heard, subscriptions } = createScene();
  interest.watch('acme', { all: 'parents' });
  const end = interest.watch('acme', { jobId: A });
  await stand();
  await publish(1);
  end();
  serve();
  await publish(2);
  arrive();
  expect(heard).toEqual(['v1', 'v2']);
  expect(subscriptions()).toBe(2);
});

test('who asks for the same job in another tenant takes nothing from it', async () => {
  const { interest, publish, stand, arrive, heard } = createScene();
  interest.watch('acme', { all: 'parents' });
  interest.watch('other', { jobId: A });
  await stand();
  await publish(1);
  arrive();
  expect(new Set(heard)).toEqual(new Set(['v1']));
});

test('watches end, each once, and nothing is left of them', async () => {
  const { interest, publish, stand, serve, arrive, heard, subscriptions } = createScene();
  const ends = [interest.watch('acme', { jobId: A }), interest.watch('acme', { all: 'parents' })];
  await stand();
  expect(interest.size).toBe(2);
  for (const end of ends) end();
  serve();
  arrive();
  await publish(1);
  arrive();
  expect([interest.size, subscriptions(), heard.length]).toEqual([0, 0, 0]);
});

describe('what is watched stands', () => {
  test('only when the bus has taken it', async () => {
    const { interest, serve, arrive } = createScene();
    interest.watch('acme', { jobId: A });
    let stands = false;
    const standing = interest.standing().then(() => {
      stands = true;
    });
    serve();
    await Promise.resolve();
    expect(stands).toBe(false);
    arrive();
    await standing;
    expect(stands).toBe(true);
  });

  test('without asking while the bus is away, and though it goes away meanwhile', async () => {
    const away = createMemoryEventBus();
    let state: 'connected' | 'reconnecting' = 'reconnecting';
    let flushes = 0;
    const interest = createInterest({
      bus: {
        ...away,
        get state() {
          return state;
        },
        flush: () => {
          flushes += 1;
          return Promise.reject(new Error('away'));
        },
      },
      deliver: () => undefined,
    });
    interest.watch('acme', { jobId: A });
    await interest.standing();
    expect(flushes).toBe(0);
    state = 'connected';
    await interest.standing();
    expect(flushes).toBe(1);
  });
});

describe('children', () => {
  const ofChild = (version: number) => jobProgress(version, { id: B, parentId: A });
  const ofParent = (version: number) => progress(version, { id: A });

  test('are heard by who watches all of them, and by nobody who watches parents', async () => {
    const { interest, publishAny, stand, serve, arrive, heard, subscriptions } = createScene();
    interest.watch('acme', { all: 'parents' });
    await stand();
    await publishAny(ofChild(1));
    await publishAny(ofParent(1));
    const end = interest.watch('acme', { all: 'children' });
    await publishAny(ofParent(2));
    await stand();
    await publishAny(ofChild(2));
    await publishAny(ofParent(3));
    arrive();
    end();
    serve();
    await publishAny(ofChild(3));
    await publishAny(ofParent(4));
    arrive();
    expect(heard).toEqual(['v1', 'v2', 'p2', 'v3', 'v4']);
    expect(subscriptions()).toBe(2);
  });

  test('are heard when they are watched by name, though nobody takes all children', async () => {
    const { interest, publishAny, stand, arrive, heard } = createScene();
    interest.watch('acme', { all: 'parents' });
    interest.watch('acme', { jobId: B });
    await stand();
    await publishAny(ofChild(1));
    arrive();
    expect(heard).toEqual(['p1']);
  });

  test('that are parents themselves are no parents to who watches those', async () => {
    const { interest, publishAny, stand, arrive, heard } = createScene();
    interest.watch('acme', { all: 'parents' });
    await stand();
    const nested = progress(1, { id: B });
    nested.payload.parent_id = A;
    await publishAny(nested);
    await publishAny(ofParent(2));
    arrive();
    expect(heard).toEqual(['v2']);
  });
});

test('steps are listened to while somebody watches their job by name, and by nobody else', async () => {
  const { interest, publishAny, stand, serve, arrive, heard, subscriptions } = createScene();
  interest.watch('acme', { all: 'parents' });
  await stand();
  expect(subscriptions()).toBe(2);
  await publishAny(step(1, { id: A }));
  const end = interest.watch('acme', { jobId: A });
  await stand();
  expect(subscriptions()).toBe(5);
  await publishAny(step(2, { id: A }));
  await publishAny(step(3, { id: B }));
  arrive();
  end();
  serve();
  expect(subscriptions()).toBe(2);
  await publishAny(step(4, { id: A }));
  arrive();
  expect(heard).toEqual(['n2']);
});
