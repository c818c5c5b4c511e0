import { jobStatusChangeSchema, parentViewSchema } from '@progeny/contract';
import type { JobStoreHarness } from './harness.ts';
import {
  allChildren,
  brief,
  counts,
  countsOf,
  createWith,
  inputs,
  newParent,
  numbered,
  parentWith,
  progressOf,
  refusal,
  settle,
} from './scene.ts';

export function describeCreating(harness: () => JobStoreHarness): void {
  test('a new parent is pending in version 1 and shows what it was made from', async () => {
    const { store } = harness();
    const spec = { type: 'crawl', seeds: ['https://site.example/'] };
    const { job, created } = await createWith(store, [], { type: 'crawl', name: 'my crawl', spec });
    expect(created).toBe(true);
    expect(parentViewSchema.parse(job)).toEqual(job);
    expect(job).toMatchObject({ type: 'crawl', name: 'my crawl', spec, status: 'pending', parent_id: null });
    expect(job.progress).toMatchObject({
      job_id: job.job_id,
      version: 1,
      status: 'pending',
      verified_at: null,
    });
    expect(await store.getJob(job.job_id)).toEqual(job);
  });

  test('the very first snapshot of a parent has its children in it', async () => {
    const { store } = harness();
    const { job } = await createWith(store, ['a', 'b'], { sealed: true });
    expect(job.progress).toMatchObject({
      status: 'pending',
      sealed: true,
      pending_children: 2,
      total_children: 2,
    });
    expect(await store.findUnfolded(10)).toEqual([]);
  });

  test('the births of a parent and of its children are the changes, the parent first', async () => {
    const { store } = harness();
    const { job, changes } = await createWith(store, ['a', 'b']);
    expect(changes.map((change) => jobStatusChangeSchema.parse(change))).toEqual(changes);
    expect(changes.map(brief)).toEqual(Array(3).fill('null -> pending'));
    expect(changes.map(({ job_type }) => job_type)).toEqual(['custom', 'task', 'task']);
    expect(changes[0]).toMatchObject({ job_id: job.job_id, parent_id: null });
    for (const birth of changes.slice(1)) {
      expect(birth).toMatchObject({ parent_id: job.job_id, tenant_id: 'acme', user_id: 'ann', attempt: 0 });
    }
    expect(new Set(changes.map(({ event_id }) => event_id)).size).toBe(3);
  });

  test('the change of a child names the URL of its payload', async () => {
    const { store } = harness();
    const url = 'https://site.example/';
    const { changes } = await createWith(store, [], { children: [{ key: url, payload: { url, depth: 0 } }] });
    expect(changes[1]?.url).toBe(url);
  });

  test('children stand in the order given, each as it was given', async () => {
    const { store } = harness();
    const keys = numbered(25);
    const parentId = await parentWith(store, keys);
    const children = await allChildren(store, parentId);
    expect(children.map(({ key }) => key)).toEqual(keys);
    expect(children[3]).toMatchObject({
      parent_id: parentId,
      type: 'task',
      status: 'pending',
      attempt: 0,
      payload: { key: 'k3' },
      result: null,
      error: null,
      started_at: null,
      finished_at: null,
    });
  });

  test('a key twice in one request is one child', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, ['a', 'b', 'a']);
    expect(await truth(parentId)).toEqual(counts({ pending: 2 }));
    expect(countsOf((await settle(store, parentId)).progress)).toEqual(counts({ pending: 2 }));
  });

  test('the children given at creation are bounded by maxChildren as well', async () => {
    const { store, truth } = harness();
    const parentId = await parentWith(store, numbered(5), { maxChildren: 3 });
    expect(await truth(parentId)).toEqual(counts({ pending: 3 }));
  });

  test('payloads come back as they were given', async () => {
    const { store } = harness();
    const payload = { text: 'ä "quoted" \\ 漢字 🦉', nested: { list: [1, null, true] } };
    const parentId = await parentWith(store, [], { children: [{ key: '漢 🦉 \' "', payload }] });
    expect(await allChildren(store, parentId)).toMatchObject([{ key: '漢 🦉 \' "', payload }]);
  });

  describe('with an idempotency key', () => {
    const keyed = (fingerprint: string, tenantId = 'acme') => ({
      ...newParent(['a', 'b']),
      owner: { tenantId, userId: 'ann' },
      idempotency: { key: 'once', fingerprint },
    });

    test('the same request again is the same job, as it stands now, and changes nothing', async () => {
      const { store, truth } = harness();
      const first = await store.createParent(keyed('f1'));
      const { progress } = await settle(store, first.job.job_id);
      const again = await store.createParent(keyed('f1'));
      expect(again).toMatchObject({
        created: false,
        changes: [],
        job: { job_id: first.job.job_id, progress },
      });
      expect(await truth(first.job.job_id)).toEqual(counts({ pending: 2 }));
      expect((await store.listParents({ limit: 10 })).jobs).toHaveLength(1);
    });

    test('another request under the same key is refused', async () => {
      const { store } = harness();
      await store.createParent(keyed('f1'));
      expect(await refusal(store.createParent(keyed('f2')))).toBe('idempotency_key_reused');
      expect((await store.listParents({ limit: 10 })).jobs).toHaveLength(1);
    });

    test('the key of another tenant is another key', async () => {
      const { store } = harness();
      const ours = await store.createParent(keyed('f1'));
      const theirs = await store.createParent(keyed('f2', 'other'));
      expect(theirs.created).toBe(true);
      expect(theirs.job.job_id).not.toBe(ours.job.job_id);
    });

    test('of concurrent requests one creates the job, the others get it', async () => {
      const { store } = harness();
      const all = await Promise.all(numbered(6).map(() => store.createParent(keyed('f1'))));
      expect(all.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(all.map(({ job }) => job.job_id)).size).toBe(1);
      expect((await store.listParents({ limit: 10 })).jobs).toHaveLength(1);
    });
  });

  test('one parent knows nothing of another', async () => {
    const { store } = harness();
    const [one, two] = [await parentWith(store, ['a']), await parentWith(store, ['a', 'b'])];
    await settle(store, one);
    expect((await progressOf(store, one)).total_children).toBe(1);
    expect((await settle(store, two)).progress.total_children).toBe(2);
    expect(await store.addChildren(one, inputs('b'))).toMatchObject({ children: [{ created: true }] });
  });
}
