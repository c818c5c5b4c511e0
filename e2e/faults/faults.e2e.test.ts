import { SHORT } from './forms.ts';
import { oneCycle } from './nemesis/schedule.ts';
import { type RunReport, runFaults } from './run-faults.ts';
import { type Build, buildServices } from './stack/build-services.ts';

jest.setTimeout(300_000);

/** The same each time: `npm run faults` is where others are tried. */
const SEED = 1;

test('the counters stay exact through every kind of fault', async () => {
  const rounds = oneCycle({ seed: SEED, ...SHORT });
  const { files, remove } = await buildServices();
  let report: RunReport;
  try {
    report = await runFaults({
      form: SHORT,
      seed: SEED,
      build: files as Build,
      rounds,
      untilMs: Number.POSITIVE_INFINITY,
      endedWithinMs: 60_000,
    });
  } finally {
    remove();
  }
  const { violations, faults, looked, folder } = report;
  expect({ violations: violations.all, folder }).toEqual({ violations: [], folder: null });
  const kinds = rounds.flatMap((round) => round.faults.map(({ fault }) => fault.kind));
  expect([...faults.values()].reduce((sum, count) => sum + count, 0)).toBe(kinds.length);
  expect(looked.frames).toBeGreaterThan(1_000);
  expect(looked.children).toBeGreaterThan(300);
});
