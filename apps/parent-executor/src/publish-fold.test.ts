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
  const events: { type: string; tenantId: string; userId: string | undefined }[] = [];
  for (const topic of ['job_status_change', 'parent_job_progress', 'job_lifecycle'] as const) {
    bus.subscribe({ topic }, ({ type }, { tenantId, headers }) => {
      events.push({ type, tenantId, userId: headers[USER_HEADER] });
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
  for (const event of events) expect(event).toMatchObject({ tenantId: 'acme', userId: 'ann' });
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
