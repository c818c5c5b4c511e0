import type { JobStoreHarness } from './harness.ts';
import {
  childId,
  claimTasks,
  end,
  inputs,
  numbered,
  parentWith,
  refusal,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

export function describeReading(harness: () => JobStoreHarness): void {
  test('an unknown job is null', async () => {
    expect(await harness().store.getJob(UNKNOWN_ID)).toBeNull();
  });

  test('parents are listed newest first, page by page', async () => {
    const { store } = harness();
    const ids: string[] = [];
    for (const name of numbered(5)) ids.unshift(await parentWith(store, ['a'], { name }));
    const first = await store.listParents({ limit: 2 });
    expect(first.jobs.map(({ job_id }) => job_id)).toEqual(ids.slice(0, 2));
    // Newer ones shift nothing: the cursor is a place, not a number of rows.
    await parentWith(store);
    const second = await store.listParents({ limit: 2, cursor: first.next_cursor ?? '' });
    expect(second.jobs.map(({ job_id }) => job_id)).toEqual(ids.slice(2, 4));
    const last = await store.listParents({ limit: 2, cursor: second.next_cursor ?? '' });
    expect(last.jobs.map(({ job_id }) => job_id)).toEqual(ids.slice(4));
    expect(last.next_cursor).toBeNull();
  });

  test('a page that is just full is the last one', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b']);
    expect((await store.listChildren(parentId, { limit: 2 })).next_cursor).toBeNull();
    expect((await store.listParents({ limit: 1 })).next_cursor).toBeNull();
    expect(await store.listChildren(await parentWith(store), { limit: 2 })).toEqual({
      children: [],
      next_cursor: null,
    });
  });

  test('parents are filtered by status, across pages', async () => {
    const { store } = harness();
    const ended: string[] = [];
    for (const _ of numbered(3)) {
      const parentId = await parentWith(store, [], { sealed: true });
      await settle(store, parentId);
      ended.unshift(parentId);
      await settle(store, await parentWith(store, ['a']));
    }
    const first = await store.listParents({ limit: 2, status: 'completed' });
    expect(first.jobs.map(({ job_id }) => job_id)).toEqual(ended.slice(0, 2));
    const last = await store.listParents({ limit: 2, status: 'completed', cursor: first.next_cursor ?? '' });
    expect(last.jobs.map(({ job_id }) => job_id)).toEqual(ended.slice(2));
    expect((await store.listParents({ limit: 10, status: 'pending' })).jobs).toHaveLength(3);
    expect((await store.listParents({ limit: 10, status: 'skipped' })).jobs).toEqual([]);
  });

  test('a listed parent is the parent that is read by its id', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a', 'b'], { sealed: true });
    await end(store, parentId);
    await settle(store, parentId);
    const { jobs } = await store.listParents({ limit: 1 });
    expect(jobs).toEqual([await store.getJob(parentId)]);
  });

  test('children are listed oldest first, and later ones come after', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(5));
    const first = await store.listChildren(parentId, { limit: 4 });
    expect(first.children.map(({ key }) => key)).toEqual(['k0', 'k1', 'k2', 'k3']);
    await store.addChildren(parentId, inputs('k5', 'k6'));
    const last = await store.listChildren(parentId, { limit: 4, cursor: first.next_cursor ?? '' });
    expect(last.children.map(({ key }) => key)).toEqual(['k4', 'k5', 'k6']);
    expect(last.next_cursor).toBeNull();
  });

  test('children are filtered by status', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, numbered(6));
    await claimTasks(store, 3);
    await store.report([{ jobId: await childId(store, parentId, 'k1'), status: 'failed', attempt: 1 }]);
    const keysOf = async (status: 'pending' | 'running' | 'failed' | 'completed') =>
      (await store.listChildren(parentId, { limit: 10, status })).children.map(({ key }) => key);
    expect(await keysOf('running')).toEqual(['k0', 'k2']);
    expect(await keysOf('failed')).toEqual(['k1']);
    expect(await keysOf('pending')).toEqual(['k3', 'k4', 'k5']);
    expect(await keysOf('completed')).toEqual([]);
    const first = await store.listChildren(parentId, { limit: 1, status: 'running' });
    const next = await store.listChildren(parentId, {
      limit: 1,
      status: 'running',
      cursor: first.next_cursor ?? '',
    });
    expect(next.children.map(({ key }) => key)).toEqual(['k2']);
  });

  test('a list of children needs a parent', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    const child = await childId(store, parentId, 'a');
    expect(await refusal(store.listChildren(UNKNOWN_ID, { limit: 10 }))).toBe('job_not_found');
    expect(await refusal(store.listChildren(child, { limit: 10 }))).toBe('not_a_parent');
  });

  test('progress is read for the parents among the ids, with who may see it', async () => {
    const { store } = harness();
    const owner = { tenantId: 'other', userId: 'bob' };
    const [ours, theirs] = [await parentWith(store, ['a']), await parentWith(store, [], { owner })];
    const { progress } = await settle(store, ours);
    const read = await store.getProgress([UNKNOWN_ID, ours, theirs, await childId(store, ours, 'a'), ours]);
    expect(read).toHaveLength(2);
    expect(read).toContainEqual({ tenantId: 'acme', userId: 'ann', progress });
    expect(read).toContainEqual({
      ...owner,
      progress: expect.objectContaining({ job_id: theirs, version: 1 }),
    });
    expect(await store.getProgress([])).toEqual([]);
  });

  test('the store answers a ping', async () => {
    await harness().store.ping();
  });
}
