/** The four guarantees that the suite is there for, and that no service ends by itself. */
export const CHECKERS = ['snapshots', 'ends', 'ledger', 'convergence', 'services'] as const;
export type CheckerName = (typeof CHECKERS)[number];

export interface Violation {
  checker: CheckerName;
  what: string;
}

/** What the checkers have found, and how much they have looked at. */
export interface Violations {
  readonly all: readonly Violation[];
  /** Those beyond the kept ones, too. */
  readonly count: number;
  add(checker: CheckerName, what: string): void;
  onFirst(checker: CheckerName): Promise<Violation>;
}

/** One fault shows in thousands of frames; the first ones tell what it is. */
const KEPT_OF_EACH = 20;

export function createViolations(): Violations {
  const all: Violation[] = [];
  const counts = new Map<CheckerName, number>();
  const waiting = new Map<CheckerName, ((violation: Violation) => void)[]>();
  return {
    all,
    get count() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    add(checker, what) {
      const count = (counts.get(checker) ?? 0) + 1;
      counts.set(checker, count);
      const violation = { checker, what };
      if (count <= KEPT_OF_EACH) all.push(violation);
      for (const resolve of waiting.get(checker) ?? []) resolve(violation);
      waiting.delete(checker);
    },
    onFirst(checker) {
      const known = all.find((violation) => violation.checker === checker);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => waiting.set(checker, [...(waiting.get(checker) ?? []), resolve]));
    },
  };
}
