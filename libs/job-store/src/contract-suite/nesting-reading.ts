import { childViewSchema, explanationSchema } from '@progeny/contract';
import { asChild, nestedWith, settleUp } from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  claimTasks,
  createWith,
  inputs,
  LEASE_MS,
  parentWith,
  progressOf,
  reportOutcomes,
  settle,
  snapshotOf,
  toldOf,
} from './scene.ts';

export function describeNestingReading(harness: () => JobStoreHarness): void {
  test('among the children of the one around it, a nested parent is a child with its own progress', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer, ['x', 'y'], { key: 'n' });
    await store.addChildren(outer, inputs('b'));
    await store.report(
      (await claimTasks(store, 2)).children.map(({ job_id, attempt }) => ({
        ...{ jobId: job_id, attempt, status: 'completed' as const },
      })),
    );
    await settleUp(store, outer, nested);
    const { children } = await store.listChildren(outer, { limit: 10 });
    expect(children.map(({ key, is_parent }) => `${key} ${is_parent}`)).toEqual([
      'a false',
      'n true',
      'b false',
    ]);
    const progress = await progressOf(store, nested);
    expect(progress.completed_children).toBe(1);
    const view = children[1];
    expect(childViewSchema.parse(view)).toEqual(view);
    const { version, created_at, updated_at, started_at } = (await store.getJob(nested)) ?? {};
    expect(view).toEqual({
      ...{ job_id: nested, parent_id: outer, key: 'n', is_parent: true, type: 'custom', status: 'running' },
      ...{ attempt: 0, payload: {}, result: null, error: null, run: 1, version },
      ...{ progress_percentage: 50, progress_stage: 'running', progress_label: progress.progress_text },
      ...{ created_at, updated_at, started_at, finished_at: null },
    });
  });

  test('it is found by its bucket, page by page in the order of creation', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer, ['x'], { key: 'n' });
    await nestedWith(store, outer, ['y'], { key: 'm' });
    await store.addChildren(outer, inputs('b'));
    await store.pause(nested);
    await settle(store, nested);
    const keys = async (options: Partial<Parameters<typeof store.listChildren>[1]>) =>
      (await store.listChildren(outer, { limit: 10, ...options })).children.map(({ key }) => key);
    expect(await keys({ status: 'running' })).toEqual(['n']);
    expect(await keys({ status: 'pending' })).toEqual(['a', 'm', 'b']);
    expect(await keys({ status: 'completed' })).toEqual([]);
    expect(await asChild(store, outer, nested)).toMatchObject({ progress_stage: 'paused' });
    const first = await store.listChildren(outer, { limit: 2 });
    expect(first.children.map(({ key }) => key)).toEqual(['a', 'n']);
    expect(await keys({ cursor: first.next_cursor ?? '' })).toEqual(['m', 'b']);
  });

  test('parents are listed that are nested in no other', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer);
    await nestedWith(store, nested);
    const owner = { tenantId: 'acme', userId: 'ann' };
    for (const options of [{}, { owner }, { owner: { tenantId: 'acme' } }, { status: 'pending' as const }]) {
      const { jobs, next_cursor } = await store.listParents({ limit: 1, ...options });
      expect(jobs.map(({ job_id }) => job_id)).toEqual([outer]);
      expect(next_cursor).toBeNull();
      const all = await store.as(owner).listParents({ limit: 10, ...options });
      expect(all.jobs.map(({ job_id }) => job_id)).toEqual([outer]);
    }
  });

  test('its snapshot is that of a parent, and so is what else is read of it', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, ['x']);
    await claimTasks(store);
    const { progress, lifecycle } = await settle(store, nested);
    expect(await snapshotOf(store, nested)).toEqual({
      ...{ tenantId: 'acme', userId: 'ann', kind: 'parent', progress, seq: 1, lifecycle },
    });
    expect(await store.getProgress([nested])).toEqual([{ tenantId: 'acme', userId: 'ann', progress }]);
    expect((await store.listChildren(nested, { limit: 10 })).children).toMatchObject([{ key: 'x' }]);
    expect((await store.listLog(nested)).lines).toHaveLength(2);
  });

  test('why the outer one has not ended: it is among its open children', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a']);
    const nested = await nestedWith(store, outer, ['x'], { key: 'n' });
    const running = await nestedWith(store, outer, ['y'], { key: 'm' });
    await store.pause(running);
    await settleUp(store, outer, nested, running);
    const explanation = await store.explain(outer);
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    const open = explanation.open_children;
    expect(open.map(({ key, status, is_parent }) => `${key} ${status} ${is_parent}`)).toEqual([
      'm running true',
      'a pending false',
      'n pending true',
    ]);
    const { created_at, updated_at } = (await store.getJob(nested)) ?? {};
    expect(open[2]).toEqual({
      ...{ job_id: nested, key: 'n', is_parent: true, status: 'pending', attempt: 0, error: null },
      ...{ lease_owner: null, lease_expires_at: null, available_at: created_at, updated_at },
    });
    expect(explanation.reasons.map(({ code }) => code)).toEqual([
      'unsealed',
      'children_running',
      'children_pending',
    ]);
  });

  test('nobody works on it: it is not given out, reported or held', async () => {
    const { store } = harness();
    const outer = await parentWith(store, ['a'], { childType: 'custom' });
    const nested = await nestedWith(store, outer, ['x'], { key: 'n', childType: 'task' });
    const claimed = await store.claim({ workerId: 'w1', jobTypes: ['custom'], limit: 10, leaseMs: LEASE_MS });
    expect(claimed.children.map(({ key }) => key)).toEqual(['a']);
    await claimTasks(store);
    expect((await settle(store, nested)).progress.status).toBe('running');
    const before = await store.getJob(nested);
    for (const attempt of [0, 1]) {
      expect(await reportOutcomes(store, [{ jobId: nested, status: 'completed', attempt }])).toEqual([
        'unknown_job',
      ]);
      expect(await store.heartbeat([{ jobId: nested, attempt }], LEASE_MS)).toEqual({ lost: [nested] });
    }
    expect(await store.reapExpired(10)).toEqual([]);
    const saved = await store.saveProgress([{ jobId: nested, progress: 50, steps: [] }]);
    expect(saved).toEqual({ outcomes: ['not_running'], progress: [], steps: [] });
    expect(await store.getJob(nested)).toEqual(before);
    expect(await toldOf(store, nested)).toEqual(['1 JOB_STARTED']);
  });

  test('what happened in it is kept with it', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const { job } = await createWith(store, [], { type: 'crawl', within: { parentId: outer } });
    const step = { event: 'pipeline_started' as const };
    const saved = await store.saveProgress([{ jobId: job.job_id, steps: [step] }]);
    expect(saved).toMatchObject({
      outcomes: ['applied'],
      steps: [
        { payload: { job_id: job.job_id, parent_id: outer, operation_type: 'crawl', number: 1, step } },
      ],
    });
    expect((await store.listSteps(job.job_id)).events).toMatchObject([{ number: 1, step }]);
    expect((await store.listSteps(outer)).events).toEqual([]);
  });
}
