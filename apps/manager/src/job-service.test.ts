import { type CreateJob, type PipelineStep, USER_HEADER } from '@progeny/contract';
import { createMemoryEventBus, type EventBus } from '@progeny/event-bus';
import type { NewParent } from '@progeny/job-store';
import { createJournaledJobs, custom, OWNER } from './testing/journaled-jobs.ts';

const STEP: PipelineStep = { event: 'pipeline_started' };
const claim = { workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 };

test('whatever changes the ledger is told after the ledger has it', async () => {
  const { jobs, since } = await createJournaledJobs();
  const { job } = await jobs.create(OWNER, custom(2, { sealed: false }));
  expect(since()).toEqual(['createParent', 'told']);
  await jobs.addChildren(job.job_id, [{ key: 'late', payload: {} }]);
  expect(since()).toEqual(['addChildren', 'told']);
  await jobs.seal(job.job_id);
  expect(since()).toEqual(['seal', 'told']);
  const { children } = await jobs.claim(claim);
  expect(since()).toEqual(['claim', 'told']);
  await jobs.report(children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })));
  expect(since()).toEqual(['report', 'told']);
});

test('what changes nothing tells nothing', async () => {
  const { jobs, journal, since } = await createJournaledJobs();
  const idempotency = { key: 'k', fingerprint: 'f' };
  const first = await jobs.create(OWNER, custom(1), idempotency);
  since();
  const again = await jobs.create(OWNER, custom(1), idempotency);
  expect([first.created, again.created, again.job.job_id]).toEqual([true, false, first.job.job_id]);
  await jobs.seal(first.job.job_id);
  expect(journal).toEqual(['createParent', 'seal']);
});

test('a refusal of the ledger tells nothing, and counts nothing', async () => {
  const { jobs, counted, journal } = await createJournaledJobs();
  await expect(jobs.seal('01890000-0000-7000-8000-00000000dead')).rejects.toMatchObject({
    code: 'job_not_found',
  });
  expect([counted, journal]).toEqual([[], []]);
});

test('whatever is told says whose it is', async () => {
  const { jobs, told } = await createJournaledJobs();
  await jobs.create({ tenantId: 'acme', userId: 'ann' }, custom(1));
  const { children } = await jobs.claim(claim);
  await jobs.progress(children.map(({ job_id }) => ({ jobId: job_id, progress: 10, steps: [STEP] })));
  await jobs.report(children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })));
  const types = told.map(({ event }) => event.type);
  expect(new Set(types)).toEqual(
    new Set(['job_status_change', 'JOB_STARTED', 'JOB_PROGRESS', 'pipeline_event', 'JOB_COMPLETED']),
  );
  for (const { tenantId, headers } of told) {
    expect([tenantId, headers]).toEqual(['acme', { [USER_HEADER]: 'ann' }]);
  }
});

test('a bus that throws fails nothing and hinders no other change; it is logged and counted', async () => {
  const bus: EventBus = {
    ...createMemoryEventBus(),
    publish: () => {
      throw new Error('not of the shape of its topic');
    },
  };
  const { jobs, told, refused, lines } = await createJournaledJobs({ bus });
  expect((await jobs.create(OWNER, custom(3))).created).toBe(true);
  const { children } = await jobs.claim(claim);
  expect(await jobs.progress([{ jobId: children[0]?.job_id ?? '', progress: 1, steps: [] }])).toEqual([
    'applied',
  ]);
  expect(told.map(({ event }) => event.type).slice(4)).toEqual([
    'job_status_change',
    'JOB_STARTED',
    'JOB_PROGRESS',
  ]);
  expect(refused).toHaveLength(7);
  expect(lines.filter(({ msg }) => msg === 'an event could not be told')).toHaveLength(7);
});

test('a crawl takes on each page of its seeds once, and not more than it may', async () => {
  const { jobs, store } = await createJournaledJobs();
  const { job } = await jobs.create(OWNER, {
    type: 'crawl',
    priority: 0,
    failure_policy: 'continue',
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

test('a parent has what it was created with, and the manager’s own where it names nothing', async () => {
  const { jobs, store } = await createJournaledJobs();
  const created: NewParent[] = [];
  const { createParent } = store;
  store.createParent = (parent) => {
    created.push(parent);
    return createParent(parent);
  };
  await jobs.create(OWNER, custom(0));
  await jobs.create(
    OWNER,
    custom(0, {
      priority: 7,
      failure_policy: { max_failed: '5%' },
      deadline_seconds: 60,
      child_timeout_seconds: 3,
      seal_timeout_seconds: 5,
    } as Partial<CreateJob>),
  );
  expect(created).toMatchObject([
    {
      priority: 0,
      failurePolicy: 'continue',
      deadlineMs: null,
      childTimeoutMs: null,
      sealTimeoutMs: 60_000,
    },
    {
      priority: 7,
      failurePolicy: { max_failed: '5%' },
      deadlineMs: 60_000,
      childTimeoutMs: 3_000,
      sealTimeoutMs: 5_000,
    },
  ]);
});
