import type { ReportedStatus } from '@progeny/contract';
import fc from 'fast-check';

/** One step of a random history. Parents and children are named by number, modulo those that exist. */
export type ModelCommand =
  | { kind: 'create'; keys: number[]; sealed: boolean; maxChildren: number | null }
  | { kind: 'add'; parent: number; keys: number[] }
  | { kind: 'seal' | 'cancel' | 'sweep' | 'fold'; parent: number }
  | { kind: 'claim' | 'heartbeat' | 'reap' | 'audit' | 'expire' | 'explain' }
  | { kind: 'report'; reports: ModelReport[] };

export interface ModelReport {
  child: number;
  status: ReportedStatus;
  attempt: number;
  retryable: boolean;
  found: number[];
}

const number = fc.nat({ max: 40 });
const keys = fc.array(fc.nat({ max: 12 }), { maxLength: 5 });

const modelReport: fc.Arbitrary<ModelReport> = fc.record({
  child: number,
  status: fc.constantFrom('running', 'completed', 'completed', 'failed', 'failed', 'cancelled', 'skipped'),
  attempt: fc.constantFrom(1, 1, 1, 2, 2, 3, 4),
  retryable: fc.boolean(),
  found: fc.oneof({ weight: 2, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: keys }),
});

const modelCommand: fc.Arbitrary<ModelCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      keys,
      sealed: fc.boolean(),
      maxChildren: fc.option(fc.nat({ max: 8 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), parent: number, keys }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fold' as const), parent: number }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('seal', 'cancel', 'sweep'), parent: number }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      reports: fc.array(modelReport, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('claim', 'claim', 'claim', 'heartbeat', 'reap', 'audit', 'expire', 'explain'),
    }),
  },
);

const first: ModelCommand = { kind: 'create', keys: [0, 1, 2], sealed: false, maxChildren: null };

/** A history in steps; the commands of one step happen at the same time. It begins with a parent. */
export const modelHistory = ({ atOnce }: { atOnce: number }): fc.Arbitrary<ModelCommand[][]> =>
  fc
    .array(fc.array(modelCommand, { minLength: 1, maxLength: atOnce }), { minLength: 1, maxLength: 20 })
    .map((steps) => [[first], ...steps]);
