import type { JobStore, Owner } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import { childId, numbered, parentWith, settle, UNKNOWN_ID } from './scene.ts';

const ANN: Owner = { tenantId: 'acme', userId: 'ann' };
const BOB: Owner = { tenantId: 'acme', userId: 'bob' };
/** Of another tenant, by the same name. */
const OTHER_ANN: Owner = { tenantId: 'other', userId: 'ann' };

/** A parent for each of them in turn, so many times; the newest first. */
async function parentsInTurn(store: JobStore, times: number) {
  const ids = new Map<Owner, string[]>([ANN, BOB, OTHER_ANN].map((owner) => [owner, []]));
  const all: string[] = [];
  for (const _ of numbered(times)) {
    for (const [owner, own] of ids) {
      const id = await parentWith(store, ['a'], { owner });
      own.unshift(id);
      all.unshift(id);
    }
  }
  return { all, of: (owner: Owner) => ids.get(owner) ?? [] };
}

export function describeOwning(harness: () => JobStoreHarness): void {
  test('the owners of parents and children are found, and nothing of what is unknown', async () => {
    const { store } = harness();
    const [ours, theirs] = [
      await parentWith(store, ['a'], { owner: BOB }),
      await parentWith(store, ['a'], { owner: OTHER_ANN }),
    ];
    const [ourChild, theirChild] = [await childId(store, ours, 'a'), await childId(store, theirs, 'a')];
    const owners = await store.findOwners([ours, UNKNOWN_ID, theirChild, theirs, ourChild, ours]);
    expect(owners).toEqual(
      new Map([
        [ours, BOB],
        [ourChild, BOB],
        [theirs, OTHER_ANN],
        [theirChild, OTHER_ANN],
      ]),
    );
    expect(await store.findOwners([])).toEqual(new Map());
  });

  test('parents of a tenant are listed, or of one user of it, and no others', async () => {
    const { store } = harness();
    const { all, of } = await parentsInTurn(store, 2);
    const listed = async (owner?: { tenantId: string; userId?: string }) =>
      (await store.listParents({ limit: 10, ...(owner && { owner }) })).jobs.map(({ job_id }) => job_id);
    expect(await listed()).toEqual(all);
    expect(await listed({ tenantId: 'acme' })).toEqual(all.filter((id) => !of(OTHER_ANN).includes(id)));
    expect(await listed(ANN)).toEqual(of(ANN));
    expect(await listed(OTHER_ANN)).toEqual(of(OTHER_ANN));
    expect(await listed({ tenantId: 'other', userId: 'bob' })).toEqual([]);
    expect(await listed({ tenantId: 'nobody' })).toEqual([]);
  });

  test('one owner’s parents come page by page, and by status', async () => {
    const { store } = harness();
    const { of } = await parentsInTurn(store, 3);
    const own = of(ANN);
    const first = await store.listParents({ limit: 2, owner: ANN });
    expect(first.jobs.map(({ job_id }) => job_id)).toEqual(own.slice(0, 2));
    const last = await store.listParents({ limit: 2, owner: ANN, cursor: first.next_cursor ?? '' });
    expect(last.jobs.map(({ job_id }) => job_id)).toEqual(own.slice(2));
    // Though others' parents are behind.
    expect(last.next_cursor).toBeNull();

    for (const owner of [ANN, BOB]) {
      await settle(store, await parentWith(store, [], { owner, sealed: true }));
    }
    const { jobs } = await store.listParents({ limit: 10, owner: ANN, status: 'completed' });
    expect(jobs).toHaveLength(1);
    expect(await store.findOwners(jobs.map(({ job_id }) => job_id))).toEqual(
      new Map([[jobs[0]?.job_id, ANN]]),
    );
  });
}
