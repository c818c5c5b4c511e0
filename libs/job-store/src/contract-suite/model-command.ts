import type { FailurePolicy, ReportedStatus } from '@progeny/contract';
import fc from 'fast-check';

/** One step of a random history. Parents and children are named by number, modulo those that exist. */
export type ModelCommand =
  | ModelBirth
  | { kind: 'add'; parent: number; keys: number[] }
  | { kind: 'seal' | 'cancel' | 'pause' | 'resume' | 'retry-failed' | 'delete' | 'fold'; parent: number }
  | { kind: 'sweep'; parent: number; limit: number }
  /** Folds each parent once, the outermost first or last. */
  | { kind: 'fold-all'; inwards: boolean }
  /** Sweeps each parent once, the outermost first. */
  | { kind: 'sweep-all' }
  /** Ends the open children of a parent. */
  | { kind: 'finish'; parent: number; status: 'completed' | 'failed' }
  | { kind: 'retry'; child: number }
  | { kind: 'claim' | 'heartbeat' | 'reap' | 'audit' | 'expire' | 'deadline' | 'remove' | 'look' }
  | { kind: 'report'; reports: ModelReport[] }
  | { kind: 'progress'; reports: ModelProgress[] };

export interface ModelBirth {
  kind: 'create';
  /** The parent that it is nested in, and its key there. */
  within: number | null;
  key: number | null;
  keys: number[];
  sealed: boolean;
  maxChildren: number | null;
  failurePolicy: FailurePolicy;
  hasDeadline: boolean;
  hasTimeout: boolean;
}

export interface ModelReport {
  child: number;
  status: ReportedStatus;
  attempt: number;
  retryable: boolean;
  found: number[];
}

export interface ModelProgress {
  child: number;
  attempt: number | undefined;
  progress: number | undefined;
  stage: string | undefined;
  label: string | undefined;
  steps: number;
}

const number = fc.nat({ max: 40 });
const keys = fc.array(fc.nat({ max: 12 }), { maxLength: 5 });
const kind = <Kind extends ModelCommand['kind']>(name: Kind) => fc.constant(name);

const modelBirth: fc.Arbitrary<ModelBirth> = fc.record({
  kind: kind('create'),
  within: fc.oneof(fc.constant(null), number),
  key: fc.option(fc.nat({ max: 3 })),
  keys,
  sealed: fc.boolean(),
  maxChildren: fc.option(fc.nat({ max: 8 })),
  failurePolicy: fc.constantFrom<FailurePolicy>(
    ...(['continue', 'continue', 'fail_fast', { max_failed: 1 }, { max_failed: '40%' }] as const),
  ),
  hasDeadline: fc.boolean(),
  hasTimeout: fc.boolean(),
});

const modelReport: fc.Arbitrary<ModelReport> = fc.record({
  child: number,
  status: fc.constantFrom('running', 'completed', 'completed', 'failed', 'failed', 'cancelled', 'skipped'),
  attempt: fc.constantFrom(1, 1, 1, 2, 2, 3, 4, 5, 6),
  retryable: fc.boolean(),
  found: fc.oneof({ weight: 2, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: keys }),
});

const maybe = <Value>(given: fc.Arbitrary<Value>) => fc.option(given, { nil: undefined });
const modelProgress: fc.Arbitrary<ModelProgress> = fc.record({
  child: number,
  attempt: maybe(fc.constantFrom(0, 1, 1, 2, 3)),
  progress: maybe(fc.nat({ max: 100 })),
  stage: maybe(fc.constantFrom('fetching', 'storing')),
  label: maybe(fc.constantFrom('', 'a label')),
  steps: fc.constantFrom(0, 0, 1, 3),
});

const many = <Value>(one: fc.Arbitrary<Value>) => fc.array(one, { minLength: 1, maxLength: 6 });

const modelCommand: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 3, arbitrary: modelBirth },
  { weight: 3, arbitrary: fc.record({ kind: kind('add'), parent: number, keys }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('fold'), parent: number }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('seal', 'cancel', 'pause', 'resume', 'retry-failed', 'retry-failed', 'delete'),
      parent: number,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: kind('sweep'), parent: number, limit: fc.constantFrom(1, 2, 1_000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('retry'), child: number }) },
  { weight: 8, arbitrary: fc.record({ kind: kind('report'), reports: many(modelReport) }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('progress'), reports: many(modelProgress) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('claim') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('heartbeat', 'reap', 'audit', 'expire', 'deadline', 'remove', 'look'),
    }),
  },
);

const first: ModelCommand = {
  kind: 'create',
  ...{ within: null, key: null, keys: [0, 1, 2], sealed: false, maxChildren: null },
  ...{ failurePolicy: 'continue', hasDeadline: false, hasTimeout: false },
};

/** A history in steps; the commands of one step happen at the same time. It begins with a parent. */
export const modelHistory = ({ atOnce }: { atOnce: number }): fc.Arbitrary<ModelCommand[][]> =>
  fc
    .array(fc.array(modelCommand, { minLength: 1, maxLength: atOnce }), { minLength: 1, maxLength: 30 })
    .map((steps) => [[first], ...steps]);
