import { type JobStatusChange, USER_HEADER } from '@progeny/contract';
import type { EventBus } from '@progeny/event-bus';
import { createMemoryEventBus } from '@progeny/event-bus';
import type { JobStore, Owner } from '@progeny/job-store';
import { createMemoryHarness } from '@progeny/job-store/contract-suite';
import { createLog } from '@progeny/kit';
import { createJobService } from './job-service.ts';

const OWNER: Owner = { tenantId: 'default', userId: 'local' };
const custom = (children: number) => ({
  type: 'custom' as const,
  child_type: 'task',
  sealed: true,
  children: Array.from({ length: children }, (_, index) => ({ key: `k${index}`, payload: {} })),
});

/** The use cases, with a journal of what the store did and what was told, in order. */
async function createScene({ bus = createMemoryEventBus() }: { bus?: EventBus } = {}) {
  const harness = await createMemoryHarness();
  const journal: string[] = [];
  const counted: JobStatusChange[] = [];
  const noted = <Args extends unknown[], Result>(name: string, method: (...args: Args) => Promise<Result>) =>
    (async (...args: Args) => {
      const result = await method(...args);
      journal.push(name);
      return result;
    }) as typeof method;
  const { store } = harness;
  const journaled: JobStore = {
    ...store,
    createParent: noted('createParent', store.createParent),
    addChildren: noted('addChildren', store.addChildren),
    seal: noted('seal', store.seal),
    claim: noted('claim', store.claim),
    report: noted('report', store.report),
    requestCancel: noted('requestCancel', store.requestCancel),
    sweepCancelled: noted('sweepCancelled', store.sweepCancelled),
    reapExpired: noted('reapExpired', store.reapExpired),
    expireSeals: noted('expireSeals', store.expireSeals),
  };
  const jobs = createJobService({
    store: journaled,
    bus: {
      ...bus,
      publish: (publication) => {
        journal.push('told');
        bus.publish(publication);
      },
    },
    log: createLog({ service: 'test', level: 'silent' }),
    sealTimeoutMs: 60_000,
    onChanges: (changes) => void counted.push(...changes),
  });
  /** The journal since the last call, runs of the same entry as one. */
  const since = () => {
    const entries = journal.splice(0);
    return entries.filter((entry, index) => entry !== entries[index - 1]);
  };
  return { ...harness, jobs, journal, counted, since };
}

test('whatever changes the ledger is told after the ledger has it', async () => {
  const { jobs, since } = await createScene();
  const { job } = await jobs.create(OWNER, { ...custom(2), sealed: false });
  expect(since()).toEqual(['createParent', 'told']);
  await jobs.addChildren(job.job_id, [{ key: 'late', payload: {} }]);
  expect(since()).toEqual(['addChildren', 'told']);
  await jobs.seal(job.job_id);
  expect(since()).toEqual(['seal', 'told']);
  const { children } = await jobs.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 });
  expect(since()).toEqual(['claim', 'told']);
  await jobs.report(children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })));
  expect(since()).toEqual(['report', 'told']);
  await jobs.cancel(job.job_id);
  expect(since().slice(0, 2)).toEqual(['requestCancel', 'told']);
});

test('what changes nothing tells nothing', async () => {
  const { jobs, journal, since } = await createScene();
  const idempotency = { key: 'k', fingerprint: 'f' };
  const first = await jobs.create(OWNER, custom(1), idempotency);
  since();
  const again = await jobs.create(OWNER, custom(1), idempotency);
  expect([first.created, again.created, again.job.job_id]).toEqual([true, false, first.job.job_id]);
  await jobs.seal(first.job.job_id);
  expect(journal).toEqual(['createParent', 'seal']);
});

test('a refusal of the ledger tells nothing, and counts nothing', async () => {
  const { jobs, counted, journal } = await createScene();
  await expect(jobs.seal('01890000-0000-7000-8000-00000000dead')).rejects.toMatchObject({
    code: 'job_not_found',
  });
  expect([counted, journal]).toEqual([[], []]);
});

test('whatever is told says whose it is', async () => {
  const told: unknown[] = [];
  const bus: EventBus = {
    ...createMemoryEventBus(),
    publish: ({ tenantId, headers }) => void told.push([tenantId, headers?.[USER_HEADER]]),
  };
  const { jobs } = await createScene({ bus });
  await jobs.create({ tenantId: 'acme', userId: 'ann' }, custom(1));
  await jobs.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 });
  expect(told).toEqual(Array(3).fill(['acme', 'ann']));
});

test('a bus that throws fails nothing, and hinders no other change', async () => {
  const published: string[] = [];
  const bus: EventBus = {
    ...createMemoryEventBus(),
    publish: ({ event }) => {
      published.push(event.type);
      throw new Error('not of the shape of its topic');
    },
  };
  const { jobs } = await createScene({ bus });
  expect((await jobs.create(OWNER, custom(3))).created).toBe(true);
  expect(published).toHaveLength(4);
});

describe('a cancel', () => {
  test('is carried out in batches, to the last child', async () => {
    const { jobs, journal, truth } = await createScene();
    const { job } = await jobs.create(OWNER, custom(1_200));
    await jobs.cancel(job.job_id);
    while (journal.filter((entry) => entry === 'sweepCancelled').length < 3) await new Promise(setImmediate);
    expect(await truth(job.job_id)).toMatchObject({ pending: 0, cancelled: 1_200 });
    await jobs.drain();
    expect(journal.filter((entry) => entry === 'sweepCancelled')).toHaveLength(3);
  });

  test('that a stop overtakes ends after its batch; the rest is whoever folds the parent', async () => {
    const { jobs, store, journal, truth } = await createScene();
    const { job } = await jobs.create(OWNER, custom(1_200));
    await jobs.cancel(job.job_id);
    await jobs.drain();
    expect(journal.filter((entry) => entry === 'sweepCancelled')).toHaveLength(1);
    expect(await truth(job.job_id)).toMatchObject({ cancelled: 500 });
    expect((await store.fold([job.job_id]))[0]).toMatchObject({ needsSweep: true });
  });
});

test('a parent that nobody seals is given up after its own time, or that of the manager, and told', async () => {
  const { jobs, store, since, expireSealTimeouts } = await createScene();
  const secondsLeft = async (more: { seal_timeout_seconds?: number }) => {
    const { job } = await jobs.create(OWNER, { ...custom(0), sealed: false, ...more });
    const { folded_at, seal_expires_at } = await store.explain(job.job_id);
    return (Date.parse(seal_expires_at ?? '') - Date.parse(folded_at)) / 1_000;
  };
  expect(await secondsLeft({})).toBe(60);
  expect(await secondsLeft({ seal_timeout_seconds: 5 })).toBe(5);
  since();
  await expireSealTimeouts();
  await jobs.expireSeals();
  expect(since()).toEqual(['expireSeals', 'told']);
});

test('claims that have run out are taken back, however many', async () => {
  const { jobs, expireLeases, truth, counted } = await createScene();
  const { job } = await jobs.create(OWNER, custom(700));
  await jobs.claim({ workerId: 'w', jobTypes: ['task'], limit: 700, leaseMs: 1_000 });
  await expireLeases();
  counted.length = 0;
  await jobs.reapExpired();
  expect(await truth(job.job_id)).toMatchObject({ pending: 700, running: 0 });
  expect(counted).toHaveLength(700);
});

test('a crawl takes on each page of its seeds once, and not more than it may', async () => {
  const { jobs, store } = await createScene();
  const { job } = await jobs.create(OWNER, {
    type: 'crawl',
    seeds: [
      'https://Site.example:443/a?utm_source=x#top',
      'https://site.example/a',
      'https://site.example/%7Eb',
      'https://site.example/c',
    ],
    limits: { max_pages: 2, max_depth: 0 },
  });
  const { children } = await store.listChildren(job.job_id, { limit: 10 });
  expect(children.map(({ key, payload }) => [key, payload])).toEqual([
    ['https://site.example/a', { url: 'https://site.example/a', depth: 0 }],
    ['https://site.example/~b', { url: 'https://site.example/~b', depth: 0 }],
  ]);
  expect(job).toMatchObject({ name: 'site.example', progress: { total_children: 2, sealed: true } });
});
