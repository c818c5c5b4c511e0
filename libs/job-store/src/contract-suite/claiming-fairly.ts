import type { JobStore } from '../job-store.ts';
import type { JobStoreHarness } from './harness.ts';
import { claimTasks, createWith, inputs, numbered, parentWith } from './scene.ts';

export function describeClaimingFairly(harness: () => JobStoreHarness): void {
  test('a small parent gets its turn in the very next claim, however huge the one before it', async () => {
    const { store } = harness();
    await parentWith(store, numbered(500));
    expect((await claimTasks(store, 10)).children).toHaveLength(10);
    const small = await parentWith(store, ['a', 'b']);
    expect(await sharesOf(store, 10)).toMatchObject({ [small]: 2 });
  });

  test('one at a time, the parents take turns', async () => {
    const { store } = harness();
    const parentIds = await parents(store, 3, 20);
    const turns: string[] = [];
    for (let claims = 0; claims < 9; claims++) turns.push(...Object.keys(await sharesOf(store, 1)));
    expect(turns).toHaveLength(9);
    for (const round of [turns.slice(0, 3), turns.slice(3, 6), turns.slice(6)]) {
      expect(round.sort()).toEqual(parentIds);
    }
  });

  test.each([
    ['few of many parents', { parentCount: 7, limit: 3, claims: 28 }],
    ['more than there are parents', { parentCount: 3, limit: 7, claims: 15 }],
    ['one of two', { parentCount: 2, limit: 1, claims: 20 }],
  ])('over many claims of %s, equals get equal shares', async (_, { parentCount, limit, claims }) => {
    const { store } = harness();
    const parentIds = await parents(store, parentCount, 60);
    const shares = new Map(parentIds.map((id) => [id, 0]));
    for (let claim = 0; claim < claims; claim++) {
      for (const [id, share] of Object.entries(await sharesOf(store, limit))) {
        shares.set(id, (shares.get(id) ?? 0) + share);
      }
      const given = [...shares.values()];
      expect(Math.max(...given) - Math.min(...given)).toBeLessThanOrEqual(limit);
    }
    expect([...shares.values()].reduce((sum, share) => sum + share)).toBe(limit * claims);
  });

  test('what one parent cannot use goes to the others', async () => {
    const { store } = harness();
    const [small, large] = [await parentWith(store, ['a', 'b']), await parentWith(store, numbered(50))];
    expect(await sharesOf(store, 20)).toEqual({ [small]: 2, [large]: 18 });
  });

  test('parents without a child to give cost nobody a turn', async () => {
    const { store } = harness();
    const empty = await parents(store, 40, 1);
    expect(Object.keys(await sharesOf(store, 40))).toEqual(empty);
    const [one, other] = [await parentWith(store, numbered(4)), await parentWith(store, numbered(4))];
    expect(await sharesOf(store, 4)).toEqual({ [one]: 2, [other]: 2 });
  });

  test('of each parent the oldest children come first', async () => {
    const { store } = harness();
    await parents(store, 2, 5);
    const keysOf = async () => (await claimTasks(store, 4)).children.map(({ key }) => key).sort();
    expect(await keysOf()).toEqual(['k0', 'k0', 'k1', 'k1']);
    expect(await keysOf()).toEqual(['k2', 'k2', 'k3', 'k3']);
  });

  test('children of a higher priority come first, whichever parent is older', async () => {
    const { store } = harness();
    const low = await parentWith(store, numbered(5), { priority: -1 });
    const usual = await parentWith(store, numbered(2));
    const high = await parentWith(store, numbered(3), { priority: 7 });
    expect(await sharesOf(store, 2)).toEqual({ [high]: 2 });
    expect(await sharesOf(store, 2)).toEqual({ [high]: 1, [usual]: 1 });
    expect(await sharesOf(store, 4)).toEqual({ [usual]: 1, [low]: 3 });
  });

  test('children that come later have the priority of their parent', async () => {
    const { store } = harness();
    const low = await parentWith(store, numbered(3));
    const high = await parentWith(store, [], { priority: 1 });
    await store.addChildren(high, inputs('a'));
    const { children } = await claimTasks(store, 1);
    expect(children).toMatchObject([{ parent_id: high, key: 'a' }]);
    const found = { jobId: children[0]?.job_id ?? '', status: 'completed' as const, attempt: 1 };
    await store.report([{ ...found, children: inputs('b') }]);
    expect(await sharesOf(store, 2)).toEqual({ [high]: 1, [low]: 1 });
  });

  test('claims beside each other over many parents share no child and leave none', async () => {
    const { store } = harness();
    await parents(store, 5, 12);
    const claims = await Promise.all(numbered(6).map(() => claimTasks(store, 10)));
    const rest = await claimTasks(store, 60);
    const ids = [...claims, rest].flatMap(({ children }) => children.map(({ job_id }) => job_id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(60);
  });

  test('each job type has its own queue', async () => {
    const { store } = harness();
    const { job } = await createWith(store, numbered(3), { childType: 'page' });
    const other = await parentWith(store, numbered(3));
    const claim = await store.claim({
      workerId: 'w1',
      jobTypes: ['page', 'task'],
      limit: 10,
      leaseMs: 1_000,
    });
    const byParent = claim.children.map(({ parent_id }) => parent_id);
    expect(byParent.filter((id) => id === job.job_id)).toHaveLength(3);
    expect(byParent.filter((id) => id === other)).toHaveLength(3);
  });
}

async function parents(store: JobStore, count: number, children: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push(await parentWith(store, numbered(children)));
  return ids.sort();
}

/** How many children one claim gave out of each parent. */
async function sharesOf(store: JobStore, limit: number): Promise<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (const { parent_id } of (await claimTasks(store, limit)).children) {
    shares[parent_id] = (shares[parent_id] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(shares).sort());
}
