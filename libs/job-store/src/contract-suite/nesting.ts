import { jobStatusChangeSchema, LIMITS, parentViewSchema } from '@progeny/contract';
import { asChild, nestedWith, settleUp, threeDeep } from './family.ts';
import type { JobStoreHarness } from './harness.ts';
import {
  allChildren,
  childId,
  claimTasks,
  counts,
  countsOf,
  createWith,
  endedWith,
  inputs,
  newParent,
  numbered,
  parentWith,
  progressOf,
  refusal,
  settle,
  UNKNOWN_ID,
} from './scene.ts';

export function describeNesting(harness: () => JobStoreHarness): void {
  test('a nested parent is a parent by itself, and one pending child of the one around it', async () => {
    const { store, truth } = harness();
    const outer = await parentWith(store, ['a']);
    const within = { parentId: outer, key: 'n' };
    const { job, created, changes } = await createWith(store, ['x', 'y'], { within });
    expect(created).toBe(true);
    expect(parentViewSchema.parse(job)).toEqual(job);
    expect(job).toMatchObject({ parent_id: outer, key: 'n', status: 'pending', run: 1 });
    expect(job.progress).toMatchObject({ parent_id: outer, status: 'pending', pending_children: 2 });
    expect(await store.getJob(job.job_id)).toEqual(job);
    expect(await store.getJob(outer)).toMatchObject({ parent_id: null, key: null });

    expect(changes.map((change) => jobStatusChangeSchema.parse(change))).toEqual(changes);
    const [birth, ...more] = changes;
    expect(birth).toMatchObject({ job_id: job.job_id, parent_id: outer, is_parent: true, from: null });
    expect(more.slice(0, 2).map(({ parent_id, is_parent }) => ({ parent_id, is_parent }))).toEqual(
      Array(2).fill({ parent_id: job.job_id, is_parent: undefined }),
    );
    expect(more.slice(2)).toMatchObject([
      { job_id: outer, parent_id: null, from: 'pending', to: 'pending', job_type: 'custom' },
    ]);
    expect(more[2]).not.toHaveProperty('is_parent');

    expect(await store.findUnfolded(10)).toEqual([outer]);
    const { progress } = await settle(store, outer);
    expect(progress).toMatchObject({ parent_id: null, status: 'pending' });
    expect(countsOf(progress)).toEqual(counts({ pending: 2 }));
    expect(await truth(outer)).toEqual(counts({ pending: 2 }));
  });

  test('without a key it has its own id for one', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer);
    expect(await store.getJob(nested)).toMatchObject({ key: nested });
    expect(await asChild(store, outer, nested)).toMatchObject({ key: nested });
    expect(await nestedWith(store, outer)).not.toBe(nested);
  });

  test('the same key again is the same job, and changes nothing', async () => {
    const { store, truth } = harness();
    const outer = await parentWith(store);
    const within = { parentId: outer, key: 'n' };
    const nested = await parentWith(store, ['x'], { within });
    const before = await store.getJob(outer);
    const again = await createWith(store, ['y', 'z'], { within });
    expect(again).toMatchObject({ created: false, changes: [], job: { job_id: nested } });
    expect(await store.addChildren(outer, inputs('n', 'b'))).toMatchObject({
      children: [
        { job_id: nested, key: 'n', created: false },
        { key: 'b', created: true },
      ],
      changes: [{ parent_id: outer }],
    });
    expect(await truth(nested)).toEqual(counts({ pending: 1 }));
    expect(await truth(outer)).toEqual(counts({ pending: 2 }));
    expect(await store.getJob(outer)).toEqual(before);
  });

  test('a key is of one parent, and free in another', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const nested = await nestedWith(store, outer, [], { key: 'n' });
    const inner = await nestedWith(store, nested, [], { key: 'n' });
    expect(inner).not.toBe(nested);
    expect(await nestedWith(store, await parentWith(store), [], { key: 'n' })).not.toBe(nested);
  });

  test('of concurrent requests with one key one creates the job, the others get it', async () => {
    const { store, truth } = harness();
    const outer = await parentWith(store, ['a']);
    const within = { parentId: outer, key: 'n' };
    const all = await Promise.all(numbered(6).map(() => createWith(store, ['x'], { within })));
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(all.map(({ job }) => job.job_id)).size).toBe(1);
    expect(await truth(outer)).toEqual(counts({ pending: 2 }));
    expect(countsOf((await settle(store, outer)).progress)).toEqual(counts({ pending: 2 }));
  });

  test('the key of a plain child is taken, and a new one when there are children enough is too many', async () => {
    const { store, truth } = harness();
    const outer = await parentWith(store, ['a'], { maxChildren: 2 });
    expect(await refusal(nestedWith(store, outer, [], { key: 'a' }))).toBe('key_taken');
    const nested = await nestedWith(store, outer, [], { key: 'n' });
    expect(await refusal(nestedWith(store, outer, [], { key: 'm' }))).toBe('too_many_children');
    expect(await nestedWith(store, outer, [], { key: 'n' })).toBe(nested);
    expect((await store.addChildren(outer, inputs('b', 'n'))).children).toEqual([
      { job_id: nested, key: 'n', created: false },
    ]);
    expect(await truth(outer)).toEqual(counts({ pending: 2 }));
  });

  test('it has no place in what takes no more children, is a child or does not exist', async () => {
    const { store } = harness();
    const sealed = await parentWith(store, ['a'], { sealed: true });
    const ended = await endedWith(store, { a: 'completed' });
    const cancelled = await parentWith(store, ['a']);
    await store.requestCancel(cancelled);
    const strangers = await parentWith(store, [], { owner: { tenantId: 'other', userId: 'ann' } });
    expect(await refusal(nestedWith(store, sealed))).toBe('job_sealed');
    expect(await refusal(nestedWith(store, ended))).toBe('job_ended');
    expect(await refusal(nestedWith(store, cancelled))).toBe('job_ended');
    expect(await refusal(nestedWith(store, await childId(store, sealed, 'a')))).toBe('not_a_parent');
    expect(await refusal(nestedWith(store, strangers))).toBe('job_not_found');
    expect(await refusal(nestedWith(store, UNKNOWN_ID))).toBe('job_not_found');
    expect(await allChildren(store, sealed)).toHaveLength(1);
  });

  test('parents are nested so deep, and no deeper', async () => {
    const { store } = harness();
    const line = [await parentWith(store)];
    while (line.length < LIMITS.nestingMax) line.push(await nestedWith(store, line.at(-1) ?? ''));
    expect(await refusal(nestedWith(store, line.at(-1) ?? ''))).toBe('nested_too_deep');
    expect(await refusal(nestedWith(store, line.at(-1) ?? '', [], { key: 'n' }))).toBe('nested_too_deep');
    const beside = await nestedWith(store, line.at(-2) ?? '');
    expect(await store.getJob(beside)).toMatchObject({ parent_id: line.at(-2) });
  });

  test('it belongs to whom the other belongs', async () => {
    const { store } = harness();
    const outer = await parentWith(store, [], { owner: { tenantId: 'acme', userId: 'bob' } });
    const { job, changes } = await createWith(store, ['x'], { within: { parentId: outer } });
    for (const { user_id } of changes) expect(user_id).toBe('bob');
    const child = await childId(store, job.job_id, 'x');
    const bob = { tenantId: 'acme', userId: 'bob' };
    expect(await store.findOwners([job.job_id, child])).toEqual(
      new Map([
        [job.job_id, bob],
        [child, bob],
      ]),
    );
  });

  test.each([
    { tenantId: 'acme', userId: 'bob' },
    { tenantId: 'other', userId: 'ann' },
  ])('in what is of others $userId of $tenantId nests nothing', async (stranger) => {
    const { store } = harness();
    const outer = await parentWith(store);
    const attempt = (parentId: string) =>
      store.as(stranger).createParent(newParent(['x'], { owner: stranger, within: { parentId } }));
    expect(await refusal(attempt(outer))).toBe('job_not_found');
    expect(await refusal(attempt(UNKNOWN_ID))).toBe('job_not_found');
    expect(await allChildren(store, outer)).toEqual([]);
    const ann = store.as({ tenantId: 'acme', userId: 'ann' });
    const { job } = await ann.createParent(newParent(['x'], { within: { parentId: outer } }));
    expect(await ann.getJob(job.job_id)).toMatchObject({ parent_id: outer });
    expect(await store.as(stranger).getJob(job.job_id)).toBeNull();
  });

  test('the idempotency key is asked first: the same request again is the same job, whatever became of the other', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    const request = { within: { parentId: outer }, idempotency: { key: 'once', fingerprint: 'f1' } };
    const { job } = await createWith(store, ['x'], request);
    await store.seal(outer);
    expect(await createWith(store, ['x'], request)).toMatchObject({
      created: false,
      changes: [],
      job: { job_id: job.job_id },
    });
    const other = { ...request, idempotency: { key: 'once', fingerprint: 'f2' } };
    expect(await refusal(createWith(store, ['x'], other))).toBe('idempotency_key_reused');
  });

  test('in a paused parent it is paused, which its next fold shows', async () => {
    const { store } = harness();
    const outer = await parentWith(store);
    await store.pause(outer);
    await settle(store, outer);
    const { job } = await createWith(store, ['x'], { within: { parentId: outer } });
    expect(job).toMatchObject({ status: 'pending', progress: { status: 'pending', pending_children: 1 } });
    expect((await claimTasks(store)).children).toEqual([]);
    const { changes, progress } = await settle(store, job.job_id);
    expect(progress.status).toBe('paused');
    expect(changes).toMatchObject([{ from: 'pending', to: 'paused', parent_id: outer, is_parent: true }]);
    expect(countsOf((await settle(store, outer)).progress)).toEqual(counts({ running: 1 }));
  });

  test('three levels deep each counts its own', async () => {
    const { store } = harness();
    const [outer, middle, inner] = await threeDeep(store, ['a', 'b']);
    await settleUp(store, outer, middle, inner);
    expect(await store.findUnfolded(10)).toEqual([]);
    expect(countsOf(await progressOf(store, outer))).toEqual(counts({ pending: 1 }));
    expect(countsOf(await progressOf(store, middle))).toEqual(counts({ pending: 1 }));
    expect(countsOf(await progressOf(store, inner))).toEqual(counts({ pending: 2 }));
    expect(await store.getJob(inner)).toMatchObject({ parent_id: middle });
  });
}
