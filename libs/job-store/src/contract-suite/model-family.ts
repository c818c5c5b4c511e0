import type { FailurePolicy } from '@progeny/contract';
import fc from 'fast-check';
import type { ModelBirth, ModelCommand } from './model-command.ts';

const birth = (more: Partial<ModelBirth>): ModelBirth => ({
  kind: 'create',
  ...{ within: null, key: null, keys: [], sealed: false, maxChildren: null },
  ...{ failurePolicy: 'continue', hasDeadline: false, hasTimeout: false },
  ...more,
});

/** Most often one of the first three, which are within one another. */
const parent = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 2 }) },
  { weight: 1, arbitrary: fc.nat({ max: 9 }) },
);

const policy = fc.constantFrom<FailurePolicy>('continue', 'continue', 'continue', 'fail_fast');

const step: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fold' as const), parent }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('fold-all' as const), inwards: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      parent,
      status: fc.constantFrom('failed' as const, 'failed' as const, 'completed' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('sweep' as const),
      parent,
      limit: fc.constantFrom(1, 2, 1_000, 1_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('seal' as const), parent }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('retry-failed' as const), parent }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('cancel' as const, 'pause' as const, 'resume' as const),
      parent,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const), child: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), parent }) },
  {
    weight: 1,
    arbitrary: fc
      .record({ within: parent, key: fc.option(fc.nat({ max: 3 })), sealed: fc.boolean() })
      .map(birth),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'sweep-all' as const,
        'sweep-all' as const,
        'claim' as const,
        'audit' as const,
        'deadline' as const,
        'remove' as const,
        'look' as const,
      ),
    }),
  },
);

const LEVELS = [0, 1, 2];

/** What ends the three; most often all fail. */
const ends: fc.Arbitrary<ModelCommand[][]> = fc
  .tuple(...LEVELS.map(() => fc.constantFrom('failed' as const, 'failed' as const, 'completed' as const)))
  .map((statuses) => [
    ...LEVELS.map((level) => [{ kind: 'seal' as const, parent: level }]),
    ...statuses.map((status, level) => [{ kind: 'finish' as const, parent: level, status }]),
    [{ kind: 'fold-all', inwards: false }],
  ]);

/**
 * A history of three parents within one another, with a child each, of which most that happens is about: so that stops
 * and retries go all the way down, and ends all the way up. In half of them the three have ended before it begins.
 */
export const familyHistory = ({ atOnce }: { atOnce: number }): fc.Arbitrary<ModelCommand[][]> =>
  fc
    .record({
      births: fc.tuple(
        ...LEVELS.map((level) =>
          fc
            .record({ failurePolicy: policy, hasDeadline: fc.boolean() })
            .map((more) => birth({ ...more, within: level === 0 ? null : level - 1, keys: [level] })),
        ),
      ),
      before: fc.oneof(fc.constant<ModelCommand[][]>([]), ends),
      steps: fc.array(fc.array(step, { minLength: 1, maxLength: atOnce }), {
        minLength: 6,
        maxLength: 24,
        size: 'max',
      }),
    })
    .map(({ births, before, steps }) => [...births.map((one) => [one]), ...before, ...steps]);
