import type { FailurePolicy, ReportedStatus } from '@progeny/contract';
import fc from 'fast-check';

/** What becomes of a message on the way: it arrives, it arrives and will again, or it never does. */
export type Delivery = 'arrives' | 'doubled' | 'lost';

export interface WrittenReport {
  child: number;
  status: ReportedStatus;
  /** Relative to the attempt that the child is in. */
  attempt: -1 | 0 | 1;
  retryable: boolean;
  found: number[];
}

/** What is given to a parent as a whole. */
export type ParentCommand = 'cancel' | 'pause' | 'resume' | 'retry-failed' | 'delete';

/** How many failures a parent allows, and whether it has a deadline and its children a time-out. */
export interface Allowance {
  policy: FailurePolicy;
  hurries: boolean;
}

/** Which message under way, and what becomes of it. */
export interface Arrival {
  message: number;
  delivery: Delivery;
}

/**
 * One step of one of those who take part; between two steps anybody else may do anything. Whom and what it means is
 * said by number, modulo those that exist. `told` is false for a writer that dies after its commit.
 */
export type Step =
  | { kind: 'create'; keys: number[]; sealed: boolean; allows: Allowance; told: boolean }
  | { kind: 'add'; parent: number; keys: number[]; told: boolean }
  | { kind: 'seal' | 'sweep' | 'complete-all' | ParentCommand; parent: number; told: boolean }
  | { kind: 'retry'; child: number; told: boolean }
  | { kind: 'claim' | 'reap' | 'expire-seals' | 'expire-deadlines' | 'report-again'; told: boolean }
  | { kind: 'report'; reports: WrittenReport[]; told: boolean }
  | { kind: 'audit' | 'remove' }
  | { kind: 'hear'; executor: number; arrivals: Arrival[] }
  | { kind: 'tell'; executor: number; count: number }
  | { kind: 'fold' | 'poll' | 'crash'; executor: number }
  | { kind: 'pass'; gateway: number; arrivals: Arrival[] }
  /** Several of these in a row, undisturbed. */
  | { kind: 'turn'; executor: number; arrivals: Arrival[]; count: number; crashes: boolean }
  | { kind: 'watch'; viewer: number; arrivals: Arrival[]; received: Arrival[] }
  | { kind: 'restart' | 'backup-poll'; gateway: number }
  | { kind: 'receive'; viewer: number; arrivals: Arrival[] }
  | { kind: 'reconnect' | 'snapshot'; viewer: number };

const index = fc.nat({ max: 30 });
const two = fc.nat({ max: 1 });
const keys = fc.array(fc.nat({ max: 5 }), { maxLength: 3 });
const allows: fc.Arbitrary<Allowance> = fc.record({
  policy: fc.constantFrom<FailurePolicy[]>(
    'continue',
    'continue',
    'continue',
    'fail_fast',
    { max_failed: 1 },
    { max_failed: '50%' },
  ),
  hurries: fc.constantFrom(false, false, false, true),
});
const told = fc.constantFrom(true, true, true, false);
const arrivalsOf = (...deliveries: Delivery[]) =>
  fc.array(fc.record({ message: index, delivery: fc.constantFrom(...deliveries) }), {
    minLength: 1,
    maxLength: 5,
  });
const onTheBus = arrivalsOf('arrives', 'arrives', 'arrives', 'doubled', 'lost');
// Nothing is lost on a connection that stands.
const onTheLine = arrivalsOf('arrives', 'arrives', 'doubled');

const report: fc.Arbitrary<WrittenReport> = fc.record({
  child: index,
  status: fc.constantFrom('running', 'completed', 'completed', 'completed', 'failed', 'cancelled', 'skipped'),
  attempt: fc.constantFrom(0, 0, 0, 0, 1, -1),
  retryable: fc.boolean(),
  found: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: keys }),
});

const writing = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('create' as const), keys, sealed: fc.boolean(), allows, told }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), parent: two, keys, told }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('seal', 'seal', 'complete-all', 'complete-all', 'cancel', 'sweep'),
      parent: two,
      told,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('pause', 'resume', 'retry-failed', 'retry-failed', 'sweep', 'delete'),
      parent: two,
      told,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const), child: index, told }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'claim',
        'claim',
        'claim',
        'reap',
        'expire-seals',
        'expire-deadlines',
        'report-again',
      ),
      told,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      reports: fc.array(report, { minLength: 1, maxLength: 3 }),
      told,
    }),
  },
);

const executing = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('turn' as const),
      executor: two,
      arrivals: onTheBus,
      count: fc.integer({ min: 0, max: 8 }),
      crashes: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('hear' as const), executor: two, arrivals: onTheBus }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('fold', 'fold', 'fold', 'fold', 'poll', 'crash'),
      executor: two,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('tell' as const),
      executor: two,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('audit', 'audit', 'remove') }) },
);

const viewing = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('watch' as const),
      viewer: two,
      arrivals: onTheBus,
      received: onTheLine,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), gateway: two, arrivals: onTheBus }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('receive' as const), viewer: two, arrivals: onTheLine }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('snapshot', 'snapshot', 'snapshot', 'reconnect'),
      viewer: two,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('backup-poll', 'backup-poll', 'restart'),
      gateway: two,
    }),
  },
);

/** Any interleaving; it begins with a parent of two children. */
export const histories: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.boolean(),
    allows,
    fc.array(
      fc.oneof(
        { weight: 2, arbitrary: writing },
        { weight: 4, arbitrary: executing },
        { weight: 3, arbitrary: viewing },
      ),
      { minLength: 10, maxLength: 40, size: 'max' },
    ),
  )
  .map(([sealed, allowed, steps]) => [
    { kind: 'create', keys: [0, 1], sealed, allows: allowed, told: true },
    ...steps,
  ]);
