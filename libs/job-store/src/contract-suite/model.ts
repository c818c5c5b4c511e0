import type { ParentJobProgress } from '@progeny/contract';
import fc from 'fast-check';
import type { CreateHarness, JobStoreHarness } from './harness.ts';
import { type ModelCommand, modelHistory } from './model-command.ts';
import { familyHistory } from './model-family.ts';
import { expectEnded, expectLawful, playToEnd } from './model-law.ts';
import { play } from './model-player.ts';
import { createModelRecord } from './model-record.ts';

export interface ModelOptions {
  /** Random histories to play. */
  modelRuns: number;
  /** A store that is known to be right, to compare every answer with. */
  oracle?: CreateHarness;
}

const MODEL_TIMEOUT_MS = 300_000;

/** Each with how much happens at once, when not in turn. */
const HISTORIES = [
  { name: 'anything', historyOf: modelHistory, atOnce: 6 },
  { name: 'nested parents', historyOf: familyHistory, atOnce: 3 },
];

export function describeModel(createHarness: CreateHarness, { modelRuns, oracle }: ModelOptions): void {
  describe.each(HISTORIES)('of $name', ({ historyOf, atOnce }) => {
    test(
      'whatever happens, and however much of it at once, the books balance',
      () =>
        fc.assert(
          fc.asyncProperty(historyOf({ atOnce }), async (history) => {
            await withHarness(createHarness, (harness) => playLawfully(harness, history));
          }),
          { numRuns: modelRuns },
        ),
      MODEL_TIMEOUT_MS,
    );

    if (!oracle) return;
    test(
      'whatever happens in turn, every answer is that of the oracle',
      () =>
        fc.assert(
          fc.asyncProperty(historyOf({ atOnce: 1 }), async (history) => {
            const answers = await withHarness(createHarness, (harness) => playInTurn(harness, history));
            expect(answers).toEqual(await withHarness(oracle, (harness) => playInTurn(harness, history)));
          }),
          { numRuns: modelRuns },
        ),
      MODEL_TIMEOUT_MS,
    );
  });
}

async function withHarness<T>(createHarness: CreateHarness, use: (harness: JobStoreHarness) => Promise<T>) {
  const harness = await createHarness();
  try {
    return await use(harness);
  } finally {
    await harness.close();
  }
}

async function playLawfully(harness: JobStoreHarness, history: readonly ModelCommand[][]): Promise<void> {
  const record = createModelRecord();
  const seen = new Map<string, ParentJobProgress>();
  for (const step of history) {
    await Promise.all(step.map((command) => play(harness, record, command)));
    for (const parentId of record.parentIds) {
      seen.set(parentId, await expectLawful(harness, record, { parentId, seen: seen.get(parentId) }));
    }
  }
  await playToEnd(harness, record);
  await expectEnded(harness, record);
}

async function playInTurn(harness: JobStoreHarness, history: readonly ModelCommand[][]) {
  const record = createModelRecord();
  const answers: unknown[] = [];
  for (const command of history.flat()) answers.push([command, await play(harness, record, command)]);
  return answers;
}
