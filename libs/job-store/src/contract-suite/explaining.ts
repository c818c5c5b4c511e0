import { explanationSchema, LIMITS } from '@progeny/contract';
import type { JobStore } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  childByKey,
  childId,
  claimTasks,
  end,
  inputs,
  numbered,
  parentWith,
  progressOf,
  refusal,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

export function describeExplaining(harness: () => JobStoreHarness): void {
  const codes = async (store: JobStore, parentId: string) =>
    (await store.explain(parentId)).reasons.map(({ code }) => code);

  test('says what the end waits for, step by step', async () => {
    const { store, expireLeases } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    expect(await codes(store, parentId)).toEqual(['unsealed', 'children_pending']);
    await store.seal(parentId);
    await settle(store, parentId);
    expect(await codes(store, parentId)).toEqual(['children_pending']);
    await claimTasks(store, 1);
    expect(await codes(store, parentId)).toEqual(['children_pending', 'changes_unfolded']);
    await settle(store, parentId);
    expect(await codes(store, parentId)).toEqual(['children_running', 'children_pending']);
    await expireLeases();
    expect(await codes(store, parentId)).toEqual(['lease_expired', 'children_running', 'children_pending']);
    await end(store, parentId);
    expect(await codes(store, parentId)).toEqual([
      'children_running',
      'children_pending',
      'changes_unfolded',
    ]);
    await settle(store, parentId);
    expect(await store.explain(parentId)).toMatchObject({ reasons: [], open_children: [] });
  });

  test('says when it was sealed or cancelled, or when it is given up', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealTimeoutMs: 60_000 });
    const open = await store.explain(parentId);
    expect(open).toMatchObject({ sealed_at: null, stopped_at: null, stop_reason: null });
    const expiresMs = Date.parse(open.seal_expires_at ?? '');
    expect(expiresMs - Date.parse(open.folded_at)).toBe(60_000);
    await store.requestCancel(parentId);
    expect(await store.explain(parentId)).toMatchObject({
      reasons: [{ code: 'cancelling' }, { code: 'children_pending' }],
      sealed_at: expect.any(String),
      seal_expires_at: null,
      stopped_at: expect.any(String),
      stop_reason: 'cancelled',
    });
    const patient = await parentWith(store, [], { sealTimeoutMs: null });
    expect(await store.explain(patient)).toMatchObject({ seal_expires_at: null });
  });

  test('names the open children with their attempt, worker and lease, running ones first', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b', 'c']);
    await store.report([{ jobId: await childId(store, parentId, 'a'), status: 'completed', attempt: 1 }]);
    const { children } = await claimTasks(store, 1);
    const explanation = await store.explain(parentId);
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    expect(explanation.progress).toEqual(await progressOf(store, parentId));
    expect(explanation.open_children).toEqual([
      {
        job_id: children[0]?.job_id,
        key: 'b',
        is_parent: false,
        status: 'running',
        attempt: 1,
        lease_owner: 'w1',
        lease_expires_at: children[0]?.lease_expires_at,
        available_at: expect.any(String),
        updated_at: (await childByKey(store, parentId, 'b')).updated_at,
        error: null,
      },
      expect.objectContaining({ key: 'c', status: 'pending', attempt: 0, lease_owner: null }),
    ]);
    expect(explanation.unfolded_changes).toEqual({ count: 2, oldest_at: expect.any(String) });
  });

  test('of a big parent it names the oldest of each kind', async () => {
    const { store } = harness();
    const keys = numbered(2 * LIMITS.explainedChildren + 3);
    const parentId = await parentWith(store, keys);
    await claimTasks(store, LIMITS.explainedChildren + 1);
    const { open_children: open } = await store.explain(parentId);
    expect(open.map(({ key }) => key)).toEqual([
      ...keys.slice(0, LIMITS.explainedChildren),
      ...keys.slice(LIMITS.explainedChildren + 1, 2 * LIMITS.explainedChildren + 1),
    ]);
  });

  test('explains parents alone', async () => {
    const { store } = harness();
    const parentId = await parentWith(store);
    const added = await store.addChildren(parentId, inputs('a'));
    expect(await refusal(store.explain(added.children[0]?.job_id ?? ''))).toBe('not_a_parent');
    expect(await refusal(store.explain(UNKNOWN_ID))).toBe('job_not_found');
  });
}
