import type { JobStoreHarness } from './harness.ts';
import {
  brief,
  childId,
  counts,
  countsOf,
  end,
  inputs,
  numbered,
  parentWith,
  progressOf,
  refusal,
  settle,
  sweepToEnd,
  UNKNOWN_ID,
} from './scene.ts';

export function describeAdding(harness: () => JobStoreHarness): void {
  test('children are added in the order given, and each is a birth', async () => {
    const { store } = harness();
    const parentId = await parentWith(store);
    const { children, changes } = await store.addChildren(parentId, inputs('a', 'b', 'c'));
    expect(children.map(({ key, created }) => [key, created])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
    expect(changes.map(brief)).toEqual(Array(3).fill('null -> pending'));
    expect(changes.map(({ job_id }) => job_id)).toEqual(children.map(({ job_id }) => job_id));
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 3 }));
  });

  test('a known key is the same child, within a call and across calls', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, ['a']);
    const known = await childId(store, parentId, 'a');
    const { children, changes } = await store.addChildren(parentId, inputs('b', 'a', 'b'));
    expect(children.map(({ created }) => created)).toEqual([true, false, false]);
    expect(children[1]?.job_id).toBe(known);
    expect(children[2]?.job_id).toBe(children[0]?.job_id);
    expect(changes).toHaveLength(1);
    expect(await truth(parentId)).toEqual(counts({ pending: 2 }));
  });

  test('concurrent calls with the same keys add each once', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store);
    // Opposite orders, so that an implementation that locks key by key would deadlock.
    const keys = numbered(40);
    const calls = await Promise.all(
      numbered(6).map((_, index) =>
        store.addChildren(parentId, inputs(...(index % 2 === 0 ? keys : [...keys].reverse()))),
      ),
    );
    expect(calls.flatMap(({ changes }) => changes)).toHaveLength(40);
    expect(calls.flatMap(({ children }) => children.filter(({ created }) => created))).toHaveLength(40);
    for (const { children } of calls) expect(children).toHaveLength(40);
    expect(await truth(parentId)).toEqual(counts({ pending: 40 }));
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 40 }));
  });

  test('children beyond maxChildren are left out, known ones are still answered', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, ['a'], { maxChildren: 3 });
    const { children } = await store.addChildren(parentId, inputs('b', 'c', 'd', 'a'));
    expect(children.map(({ key, created }) => [key, created])).toEqual([
      ['b', true],
      ['c', true],
      ['a', false],
    ]);
    expect(await truth(parentId)).toEqual(counts({ pending: 3 }));
  });

  test('maxChildren is exact under concurrency', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, [], { maxChildren: 10 });
    const calls = await Promise.all(
      numbered(8).map((prefix) => store.addChildren(parentId, inputs(...numbered(3, prefix)))),
    );
    expect(calls.flatMap(({ children }) => children)).toHaveLength(10);
    expect(await truth(parentId)).toEqual(counts({ pending: 10 }));
  });

  test('what is no open parent takes no children', async () => {
    const { store } = harness();
    const open = await parentWith(store, ['a']);
    const sealed = await parentWith(store, ['a'], { sealed: true });
    const ended = await parentWith(store, [], { sealed: true });
    await settle(store, ended);
    const cancelled = await parentWith(store, ['a']);
    await store.requestCancel(cancelled);
    const add = (parentId: string) => refusal(store.addChildren(parentId, inputs('b')));
    expect(await add(UNKNOWN_ID)).toBe('job_not_found');
    expect(await add(await childId(store, open, 'a'))).toBe('not_a_parent');
    expect(await add(sealed)).toBe('job_sealed');
    expect(await add(ended)).toBe('job_ended');
    expect(await add(cancelled)).toBe('job_ended');
    await sweepToEnd(store, cancelled);
    expect(await add(cancelled)).toBe('job_ended');
  });

  test('sealing twice is harmless, and only the first changes anything', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    expect(await store.seal(parentId)).toEqual([
      expect.objectContaining({ job_id: parentId, parent_id: null, from: 'pending', to: 'pending' }),
    ]);
    expect(await store.seal(parentId)).toEqual([]);
    expect(await refusal(store.seal(UNKNOWN_ID))).toBe('job_not_found');
    expect(await refusal(store.seal(await childId(store, parentId, 'a')))).toBe('not_a_parent');
  });

  test('sealing an ended parent changes nothing', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, [], { sealed: true });
    const { progress } = await settle(store, parentId);
    expect(await store.seal(parentId)).toEqual([]);
    expect(await progressOf(store, parentId)).toEqual(progress);
  });

  test('a seal is something to fold: watchers learn of it in a new version', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    const { progress: before } = await settle(store, parentId);
    await store.seal(parentId);
    expect(await store.findUnfolded(10)).toEqual([parentId]);
    const { progress: after } = await settle(store, parentId);
    expect(before).toMatchObject({ sealed: false, status: 'pending' });
    expect(after).toEqual({ ...before, sealed: true, version: before.version + 1 });
  });

  test('a child added while the last one ends and the parent is sealed is counted, or refused', async () => {
    const { store, truth } = harness();
    for (let round = 0; round < 8; round++) {
      const parentId = await parentWith(store, ['last']);
      const last = await childId(store, parentId, 'last');
      const [added] = await Promise.allSettled([
        store.addChildren(parentId, inputs('late')),
        store.report([{ jobId: last, status: 'completed', attempt: 1 }]),
        store.seal(parentId),
        store.fold([parentId]),
        store.fold([parentId]),
      ]);
      const { progress } = await settle(store, parentId);
      expect(countsOf(progress)).toEqual(await truth(parentId));
      const late = added.status === 'fulfilled' ? 1 : 0;
      expect(progress).toMatchObject({
        total_children: 1 + late,
        status: late === 1 ? 'running' : 'completed',
      });
      if (late === 1) await end(store, parentId);
      expect((await settle(store, parentId)).progress).toMatchObject({
        status: 'completed',
        completed_children: 1 + late,
      });
    }
  });

  test('a seal beside children being added loses none of them', async () => {
    const { store, truth } = harness();
    for (let round = 0; round < 5; round++) {
      const parentId = await parentWith(store);
      const [added] = await Promise.allSettled([
        store.addChildren(parentId, inputs(...numbered(10))),
        store.seal(parentId),
        store.fold([parentId]),
      ]);
      const expected = added.status === 'fulfilled' ? 10 : 0;
      expect(await truth(parentId)).toEqual(counts({ pending: expected }));
      const { progress } = await settle(store, parentId);
      expect(progress).toMatchObject({
        total_children: expected,
        status: expected > 0 ? 'pending' : 'completed',
      });
      await end(store, parentId);
      expect((await settle(store, parentId)).progress.status).toBe('completed');
    }
  });
}
