import { LIMITS } from '@progeny/contract';
import fc from 'fast-check';
import type { JobStoreHarness } from './harness.ts';
import { expectAddsUp } from './log-law.ts';
import {
  childId,
  claimTasks,
  end,
  inputs,
  numbered,
  parentWith,
  progressOf,
  refusal,
  reportKeys,
  settle,
  sweepToEnd,
  UNKNOWN_ID,
} from './scene.ts';

export function describeLogging(harness: () => JobStoreHarness): void {
  test('each change of a child is a line on its parent, with the counts after it', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a'], { sealed: true });
    const short = (await childId(store, parentId, 'a')).slice(-8);
    await claimTasks(store);
    await settle(store, parentId);
    await reportKeys(store, parentId, { a: 'completed' });
    await settle(store, parentId);
    const { lines } = await store.listLog(parentId);
    expect(lines.map(({ number, line }) => `${number} ${line}`)).toEqual([
      `1 Child ${short} -> pending. 1 pending, 0 running, 0 completed, 0 failed`,
      `2 Child ${short} -> running. 0 pending, 1 running, 0 completed, 0 failed`,
      `3 Child ${short} -> completed. 0 pending, 0 running, 1 completed, 0 failed`,
    ]);
    const times = lines.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('what no fold has counted yet is in no line', async () => {
    const { store } = harness();
    const parentId = await parentWith(store, ['a']);
    await store.addChildren(parentId, inputs('b'));
    expect((await store.listLog(parentId)).lines).toHaveLength(1);
    await settle(store, parentId);
    expect((await store.listLog(parentId)).lines).toHaveLength(2);
  });

  test('however changes come in and are folded, the lines add up', async () => {
    const outcome = fc.constantFrom('running', 'completed', 'failed', 'cancelled', 'skipped');
    const step = fc.oneof(
      fc.record({ ends: fc.dictionary(fc.constantFrom(...numbered(8)), outcome, { maxKeys: 6 }) }),
      fc.constantFrom('fold' as const, 'claim' as const, 'retry' as const),
    );
    const { store } = harness();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const parentId = await parentWith(store, numbered(8));
        for (const what of steps) {
          if (what === 'fold') await settle(store, parentId);
          else if (what === 'claim') await claimTasks(store, 3);
          else if (what === 'retry') {
            await store.requestRetryFailed(parentId);
            await store.sweep(parentId, 2);
          } else await reportKeys(store, parentId, what.ends);
        }
        const { progress } = await sweepToEnd(store, parentId);
        expectAddsUp(await store.listLog(parentId), progress);
      }),
      { numRuns: 15 },
    );
  });

  test('the newest are kept, and numbers count on', async () => {
    const { store } = harness();
    const kept = LIMITS.logLinesKept;
    const parentId = await parentWith(store, numbered(kept + 50), { sealed: true });
    const numbersOf = async () => (await store.listLog(parentId)).lines.map(({ number }) => number);
    expect(await numbersOf()).toEqual(Array.from({ length: kept }, (_, index) => index + 51));
    await claimTasks(store, kept + 10);
    await settle(store, parentId);
    await end(store, parentId, 'completed');
    await settle(store, parentId);
    const { lines } = await store.listLog(parentId);
    expect(lines.map(({ number }) => number)).toEqual(
      // So many births, claims and ends.
      Array.from({ length: kept }, (_, index) => index + 1 + (kept + 50) + (kept + 10) + (kept + 50) - kept),
    );
    expectAddsUp({ lines }, await progressOf(store, parentId));
  });

  test('each parent has its own, and nothing else has one', async () => {
    const { store } = harness();
    const [one, other] = [await parentWith(store, ['a']), await parentWith(store)];
    expect((await store.listLog(one)).lines).toHaveLength(1);
    expect(await store.listLog(other)).toEqual({ lines: [] });
    expect(await refusal(store.listLog(await childId(store, one, 'a')))).toBe('not_a_parent');
    expect(await refusal(store.listLog(UNKNOWN_ID))).toBe('job_not_found');
  });
}
