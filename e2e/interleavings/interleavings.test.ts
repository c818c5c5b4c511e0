import fc from 'fast-check';
import { histories } from './testing/history.ts';
import { createWorld } from './testing/world.ts';

const RUNS = 5_000;
const TIMEOUT_MS = 300_000;

test(
  `in ${RUNS} interleavings of writers, executors and viewers, with crashes, doubles and losses, every count is true`,
  () =>
    fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        const world = await createWorld();
        for (const step of steps) await world.play(step);
        await world.end();
        if (world.faults.length > 0) throw new Error(world.faults.slice(0, 3).join('\n'));
      }),
      { numRuns: RUNS },
    ),
  TIMEOUT_MS,
);
