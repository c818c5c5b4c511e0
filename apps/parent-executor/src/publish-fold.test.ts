import { lifecycleEventSchema, topicOf, USER_HEADER } from '@progeny/contract';
import { createMemoryEventBus } from '@progeny/event-bus';
import type { FoldResult, JobStore } from '@progeny/job-store';
import { createMemoryHarness, newParent } from '@progeny/job-store/contract-suite';
import { publishFold } from './publish-fold.ts';

/** A parent that starts and ends in one fold. */
async function foldedAtOnce(): Promise<FoldResult> {
  const { store } = await createMemoryHarness();
  const { job } = await store.createParent(newParent(['a'], { sealed: true }));
  await completeAll(store);
  const [result] = await store.fold([job.job_id]);
  if (!result) throw new Error('nothing was folded');
  return result;
}

async function completeAll(store: JobStore): Promise<void> {
  const { children } = await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 10, leaseMs: 1_000 });
  await store.report(
    children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })),
  );
}

/** What goes out for this fold, in order. */
async function told(result: FoldResult) {
  const bus = createMemoryEventBus();
  const events: { type: string; tenantId: string; userId: string | undefined; parentId: string | null }[] =
    [];
  for (const topic of ['job_status_change', 'parent_job_progress', 'job_lifecycle'] as const) {
    bus.subscribe({ topic }, ({ type }, { tenantId, parentId = null, headers }) => {
      events.push({ type, tenantId, userId: headers[USER_HEADER], parentId });
    });
  }
  publishFold(bus, result);
  await bus.close();
  return events;
}

test('a viewer hears of the start before the numbers, and of the end after the last of them', async () => {
  const events = await told(await foldedAtOnce());
  expect(events.map(({ type }) => type)).toEqual([
    'job_status_change',
    'JOB_STARTED',
    'parent_job_progress',
    'JOB_COMPLETED',
  ]);
  for (const event of events)
    expect(event).toMatchObject({ tenantId: 'acme', userId: 'ann', parentId: null });
});

test('what is told of a parent within another goes to the subjects of what has a parent', async () => {
  const result = await foldedAtOnce();
  const outer = '01890000-0000-7000-8000-000000000001';
  const events = await told({
    ...result,
    progress: { ...result.progress, parent_id: outer },
    lifecycle: result.lifecycle.map(
      (event) =>
        ({ ...event, payload: { ...event.payload, parent_id: outer, is_parent: true } }) as typeof event,
    ),
    changes: result.changes.map((change) => ({ ...change, parent_id: outer, is_parent: true })),
  });
  expect(events.map(({ type, parentId }) => [type, parentId])).toEqual([
    ['job_status_change', null],
    ['JOB_STARTED', outer],
    ['parent_job_progress', outer],
    ['JOB_COMPLETED', outer],
  ]);
});

test('every kind of end comes after the numbers', async () => {
  const result = await foldedAtOnce();
  for (const { shape } of lifecycleEventSchema.options) {
    const type = shape.type.value;
    if (type === 'JOB_STARTED') continue;
    const [end] = result.lifecycle.filter((event) => event.type === 'JOB_COMPLETED');
    const payload = { ...end?.payload, error: { error_code: 'x', user_message: '', technical_detail: '' } };
    const ended = lifecycleEventSchema.parse({ ...end, type, payload });
    expect(topicOf(ended)).toBe('job_lifecycle');
    expect((await told({ ...result, lifecycle: [ended] })).map((event) => event.type).slice(-2)).toEqual([
      'parent_job_progress',
      type,
    ]);
  }
});
