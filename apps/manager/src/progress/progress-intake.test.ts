import { LIMITS, type PipelineStep } from '@progeny/contract';
import type { ChildProgressReport, ProgressSaved } from '@progeny/job-store';
import { StoreError } from '@progeny/job-store';
import { createLog } from '@progeny/kit';
import fc from 'fast-check';
import { until } from '../testing/until.ts';
import { createProgressIntake, ProgressFullError } from './progress-intake.ts';

const NEVER_MS = 2 ** 30;

/** An intake on a ledger that keeps what it is given, and stores it when it is let. */
function createScene({ gatherMs = 1, maxWaiting = 100 } = {}) {
  const stored: ChildProgressReport[][] = [];
  const lost: [string, number][] = [];
  const lines: { msg: string }[] = [];
  const journal: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  let fault: Error | null = null;
  const intake = createProgressIntake({
    store: {
      async saveProgress(reports) {
        journal.push('saving');
        await gate;
        if (fault) throw fault;
        stored.push([...reports]);
        journal.push('saved');
        return { outcomes: reports.map(() => 'applied'), progress: [], steps: [] } satisfies ProgressSaved;
      },
    },
    announcer: {
      progress: (_, saving) =>
        saving.then(
          () => void journal.push('told'),
          () => {},
        ),
    },
    log: createLog({ service: 'test', level: 'info', write: (line) => lines.push(JSON.parse(line)) }),
    onLost: (reason, reports) => lost.push([reason, reports]),
    gatherMs,
    maxWaiting,
  });
  return {
    intake,
    stored,
    lost,
    lines,
    journal,
    /** From now on nothing is stored, until the answer is called. */
    shut() {
      let open = () => {};
      gate = new Promise((resolve) => (open = resolve));
      return open;
    },
    breakWith(error: Error | null) {
      fault = error;
    },
  };
}

const step = (page_index: number): PipelineStep => ({ event: 'page_started', page_index });
const report = (jobId: string, more: Partial<ChildProgressReport> = {}): ChildProgressReport => ({
  jobId,
  attempt: 1,
  progress: undefined,
  stage: undefined,
  label: undefined,
  steps: [],
  ...more,
});

test('what a child says within a moment is stored as one: the last value of each part, and every step', async () => {
  const { intake, stored, journal } = createScene();
  const outcomes = await Promise.all([
    intake.take([report('a', { progress: 10, stage: 'fetching', label: 'Fetching', steps: [step(0)] })]),
    intake.take([report('b', { progress: 5 })]),
    intake.take([report('a', { progress: 0 }), report('a', { stage: 'parsing', steps: [step(1), step(2)] })]),
  ]);
  expect(outcomes).toEqual([['applied'], ['applied'], ['applied', 'applied']]);
  expect(stored).toEqual([
    [
      report('a', { progress: 0, stage: 'parsing', label: undefined, steps: [step(0), step(1), step(2)] }),
      report('b', { progress: 5 }),
    ],
  ]);
  expect(journal).toEqual(['saving', 'saved', 'told']);
});

test('reports of different tries stay apart, in their order', async () => {
  const { intake, stored } = createScene();
  await intake.take([
    report('a', { progress: 90 }),
    report('a', { progress: 10, attempt: 2 }),
    report('a', { progress: 95 }),
    report('a', { progress: 99, attempt: undefined }),
  ]);
  expect(stored[0]?.map(({ attempt, progress }) => [attempt, progress])).toEqual([
    [1, 90],
    [2, 10],
    [1, 95],
    [undefined, 99],
  ]);
});

test('what happened stays apart from how far it is: of a child that does not run only the one is taken', async () => {
  const { intake, stored } = createScene();
  await intake.take([
    report('a', { steps: [step(0)] }),
    report('a', { progress: 10 }),
    report('a', { progress: 20, steps: [step(1)] }),
    report('a', { steps: [step(2)] }),
    report('a', { steps: [step(3)] }),
  ]);
  expect(stored[0]?.map(({ progress, steps }) => [progress, steps.length])).toEqual([
    [undefined, 1],
    [20, 1],
    [undefined, 2],
  ]);
});

test('a label is the words for one stage', async () => {
  const { intake, stored } = createScene();
  await intake.take([
    report('a', { stage: 'fetching', label: 'Fetching' }),
    report('a', { progress: 30 }),
    report('b', { stage: 'fetching', label: 'Fetching' }),
    report('b', { stage: 'parsing' }),
  ]);
  expect(stored[0]?.map(({ stage, label }) => [stage, label])).toEqual([
    ['fetching', 'Fetching'],
    ['parsing', undefined],
  ]);
});

test('no more steps are merged than are kept', async () => {
  const { intake, stored } = createScene({ maxWaiting: 10_000 });
  const steps = Array.from({ length: LIMITS.pipelineEventsKept }, (_, index) => step(index));
  await intake.take([report('a', { steps }), report('a', { steps: [step(7)] })]);
  expect(stored[0]?.map((merged) => merged.steps.length)).toEqual([LIMITS.pipelineEventsKept, 1]);
});

test('whatever came, each child ends where its last report said, and no step is lost or moved', async () => {
  const reports = fc.record({
    jobId: fc.constantFrom('a', 'b', 'c'),
    progress: fc.option(fc.nat(100), { nil: undefined }),
    attempt: fc.constantFrom(1, 2, undefined),
    steps: fc.array(fc.nat(1_000).map(step), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(reports, { minLength: 1, maxLength: 5 })), async (batches) => {
      const { intake, stored } = createScene({ gatherMs: 0, maxWaiting: 10_000 });
      const given = batches.map((batch) => batch.map((part) => report(part.jobId, part)));
      await Promise.all(given.map((batch) => intake.take(batch)));
      for (const jobId of ['a', 'b', 'c']) {
        const of = (all: ChildProgressReport[]) => all.filter((each) => each.jobId === jobId);
        const [came, kept] = [of(given.flat()), of(stored.flat())];
        const last = (all: ChildProgressReport[]) =>
          all.findLast(({ progress }) => progress !== undefined)?.progress;
        expect(last(kept)).toBe(last(came));
        expect(kept.flatMap(({ steps }) => steps)).toEqual(came.flatMap(({ steps }) => steps));
      }
    }),
    { numRuns: 50 },
  );
});

test('one group is stored after the other, and the next gathers meanwhile', async () => {
  const { intake, stored, journal, shut } = createScene({ gatherMs: NEVER_MS });
  const open = shut();
  const first = intake.take([report('a', { progress: 1 })]);
  void intake.settle(['a']);
  await until(() => journal.length > 0);
  const second = [intake.take([report('a', { progress: 2 })]), intake.take([report('a', { progress: 3 })])];
  void intake.settle(['a']);
  await new Promise(setImmediate);
  expect(journal).toEqual(['saving']);
  open();
  await Promise.all([first, ...second]);
  expect(journal).toEqual(['saving', 'saved', 'told', 'saving', 'saved', 'told']);
  expect(stored.map(([merged]) => merged?.progress)).toEqual([1, 3]);
});

test('to settle a child is to store what it has said, now; of another nothing is hurried', async () => {
  const { intake, stored } = createScene({ gatherMs: NEVER_MS });
  void intake.take([report('a', { progress: 1 })]);
  await intake.settle(['b']);
  expect(stored).toEqual([]);
  await intake.settle(['a']);
  expect(stored).toHaveLength(1);
});

test('beyond what is kept a report is refused and counted, and what waits is stored', async () => {
  const { intake, stored, lost, shut } = createScene({ maxWaiting: 3 });
  const open = shut();
  const taken = intake.take([report('a', { steps: [step(0), step(1)] })]);
  await expect(intake.take([report('b'), report('c')])).rejects.toThrow(ProgressFullError);
  await expect(intake.take([report('b')])).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(lost).toEqual([
    ['full', 2],
    ['full', 1],
  ]);
  open();
  expect(await taken).toEqual(['applied']);
  expect(await intake.take([report('b')])).toEqual(['applied']);
  expect(stored.flat()).toHaveLength(2);
});

test('a fault of the ledger is told to those who wait, logged once, counted, and over', async () => {
  const { intake, lost, lines, breakWith } = createScene();
  breakWith(new Error('no such column'));
  const failed = await Promise.allSettled([
    intake.take([report('a')]),
    intake.take([report('a'), report('b')]),
  ]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await intake.settle(['a']);
  expect([lost, lines.map(({ msg }) => msg)]).toEqual([[['store', 3]], ['progress was not stored']]);
  breakWith(null);
  expect(await intake.take([report('a')])).toEqual(['applied']);
});

test('that the ledger is away is logged by whoever watches it, and counted here', async () => {
  const { intake, lost, lines, breakWith } = createScene();
  breakWith(new StoreError('unavailable', 'the database cannot be reached'));
  await expect(intake.take([report('a')])).rejects.toMatchObject({ code: 'unavailable' });
  expect([lost, lines]).toEqual([[['store', 1]], []]);
});

test('nothing is not stored', async () => {
  const { intake, journal } = createScene();
  expect(await intake.take([])).toEqual([]);
  await intake.drain();
  expect(journal).toEqual([]);
});

test('a drain stores what was gathered', async () => {
  const { intake, stored } = createScene({ gatherMs: NEVER_MS });
  const taken = intake.take([report('a')]);
  await intake.drain();
  expect([await taken, stored.length]).toEqual([['applied'], 1]);
});
