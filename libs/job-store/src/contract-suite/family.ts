import type { ChildView, JobStatusChange } from '@progeny/contract';
import type { JobStore, NewParent } from '../job-store.ts';
import { allChildren, parentWith, reportKeys, type Settled, settle } from './scene.ts';

/** The id of a parent that is nested in another, with children by these keys. */
export const nestedWith = (
  store: JobStore,
  outerId: string,
  keys: readonly string[] = [],
  { key, ...more }: Partial<NewParent> & { key?: string } = {},
): Promise<string> => parentWith(store, keys, { ...more, within: { parentId: outerId, key } });

/** A parent without plain children, one nested in it, and one in that with children by these keys; outermost first. */
export async function threeDeep(
  store: JobStore,
  keys: readonly string[],
  more: Partial<NewParent> = {},
): Promise<[outer: string, middle: string, inner: string]> {
  const outer = await parentWith(store, [], more);
  const middle = await nestedWith(store, outer, [], { key: 'middle', ...more });
  const inner = await nestedWith(store, middle, keys, { key: 'inner', ...more });
  return [outer, middle, inner];
}

/** Folds parents until nothing is left to fold, the last one first. What became of the first. */
export async function settleUp(
  store: JobStore,
  ...[first, ...inner]: [string, ...string[]]
): Promise<Settled> {
  for (const parentId of inner.toReversed()) await settle(store, parentId);
  return settle(store, first);
}

/** Folds and sweeps until nothing is left of either, what is swept in batches of `limit`. */
export async function sweepUp(
  store: JobStore,
  familyIds: [string, ...string[]],
  limit = 100,
): Promise<Settled> {
  for (let rounds = 0; rounds < 20; rounds++) {
    const settled = await settleUp(store, ...familyIds);
    const swept: JobStatusChange[] = [];
    for (const parentId of familyIds) {
      let batch: JobStatusChange[];
      do {
        batch = await store.sweep(parentId, limit);
        swept.push(...batch);
      } while (batch.length >= limit);
    }
    if (swept.length === 0) return settled;
  }
  throw new Error('there was something to sweep twenty times');
}

export const sealAll = async (store: JobStore, parentIds: readonly string[]): Promise<void> => {
  for (const parentId of parentIds) await store.seal(parentId);
};

/** What the parent around it sees of a nested one. */
export async function asChild(store: JobStore, outerId: string, nestedId: string): Promise<ChildView> {
  const child = (await allChildren(store, outerId)).find(({ job_id }) => job_id === nestedId);
  if (!child) throw new Error('it is nested in another');
  return child;
}

export const statusesOf = (store: JobStore, jobIds: readonly string[]) =>
  Promise.all(jobIds.map(async (jobId) => (await store.getJob(jobId))?.status));

/** Whom changes are about, in order of ids. */
export const idsOf = (changes: readonly JobStatusChange[]): string[] =>
  changes.map(({ job_id }) => job_id).sort();

/** Three levels that have failed, since `x` in the innermost has. */
export async function failedFamily(store: JobStore): Promise<[string, string, string]> {
  const family = await threeDeep(store, ['x']);
  await sealAll(store, family);
  await reportKeys(store, family[2], { x: 'failed' });
  await settleUp(store, ...family);
  expect(await statusesOf(store, family)).toEqual(Array(3).fill('failed'));
  return family;
}

/** An outer parent that has failed, with a failed child and a failed nested parent. */
export async function failedPair(store: JobStore): Promise<{ outer: string; nested: string }> {
  const outer = await parentWith(store, ['a']);
  const nested = await nestedWith(store, outer, ['x', 'y'], { sealed: true });
  await store.seal(outer);
  await reportKeys(store, outer, { a: 'failed' });
  await reportKeys(store, nested, { x: 'failed', y: 'failed' });
  await settleUp(store, outer, nested);
  expect(await statusesOf(store, [outer, nested])).toEqual(['failed', 'failed']);
  return { outer, nested };
}

/** The lifecycle of a parent that failed, and completed when it was retried. */
export const TWO_RUNS = ['1 JOB_STARTED', '2 JOB_FAILED', '3 JOB_STARTED', '4 JOB_COMPLETED'];
