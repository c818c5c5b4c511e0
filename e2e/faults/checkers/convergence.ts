import type { Violations } from './violations.ts';

/** How far a viewer is with a job, or has to be: versions and ended children only rise. */
export interface Reach {
  version: number;
  /** Children that have ended. */
  ended: number;
}

export interface Target extends Reach {
  jobId: string;
  /** The job itself has. */
  hasEnded: boolean;
}

export interface ConvergenceChecker {
  saw(viewer: string, jobId: string, reach: Reach): void;
  /** From now on the viewer has to reach these within `withinMs`. */
  expect(
    viewer: string,
    targets: readonly Target[],
    deadline: { nowMs: number; withinMs: number; why: string },
  ): void;
  /** Complains of what is overdue. */
  judge(nowMs: number): void;
  /** Gives everybody so much more time: the machine itself stood still. */
  grant(moreMs: number): void;
  /** Resolves when nothing is expected any more. */
  settled(): Promise<void>;
  /** Targets set so far. */
  readonly expected: number;
  /** From the target to its reaching, the longest so far. */
  readonly slowestMs: number;
}

interface Expectation extends Target {
  viewer: string;
  sinceMs: number;
  withinMs: number;
  grantedMs: number;
  why: string;
}

/** Knows no clock but what it is told, except for how long a reached target took. */
export function createConvergenceChecker(violations: Violations, now: () => number): ConvergenceChecker {
  const reached = new Map<string, Reach>();
  /** Expectations by viewer and job, so that a frame looks at its own only. */
  const open = new Map<string, Expectation[]>();
  const waiting: (() => void)[] = [];
  let expected = 0;
  let slowestMs = 0;
  const keyOf = (viewer: string, jobId: string) => `${viewer}\n${jobId}`;
  const has = (reach: Reach | undefined, target: Reach) =>
    reach !== undefined && reach.version >= target.version && reach.ended >= target.ended;
  const tellIfSettled = () => {
    if (open.size > 0) return;
    for (const resolve of waiting.splice(0)) resolve();
  };
  const keep = (key: string, kept: Expectation[]) => {
    if (kept.length > 0) open.set(key, kept);
    else open.delete(key);
  };

  return {
    saw(viewer, jobId, { version, ended }) {
      const key = keyOf(viewer, jobId);
      const known = reached.get(key) ?? { version: 0, ended: 0 };
      const reach = { version: Math.max(known.version, version), ended: Math.max(known.ended, ended) };
      reached.set(key, reach);
      const mine = open.get(key);
      if (!mine) return;
      const met = mine.filter((expectation) => has(reach, expectation));
      for (const { sinceMs } of met) slowestMs = Math.max(slowestMs, now() - sinceMs);
      keep(
        key,
        mine.filter((expectation) => !met.includes(expectation)),
      );
      tellIfSettled();
    },
    expect(viewer, targets, { nowMs, withinMs, why }) {
      expected += targets.length;
      for (const target of targets) {
        const key = keyOf(viewer, target.jobId);
        if (has(reached.get(key), target)) continue;
        const mine = open.get(key) ?? [];
        open.set(key, [...mine, { ...target, viewer, sinceMs: nowMs, withinMs, grantedMs: 0, why }]);
      }
    },
    judge(nowMs) {
      for (const [key, mine] of open) {
        const overdue = mine.filter(
          ({ sinceMs, withinMs, grantedMs }) => nowMs > sinceMs + withinMs + grantedMs,
        );
        for (const { viewer, jobId, version, ended, withinMs, why } of overdue) {
          const at = reached.get(key);
          violations.add(
            'convergence',
            `${viewer}, job ${jobId}: not at version ${version} with ${ended} ended within ${withinMs} ms ${why}` +
              ` (at version ${at?.version ?? 0} with ${at?.ended ?? 0})`,
          );
        }
        keep(
          key,
          mine.filter((expectation) => !overdue.includes(expectation)),
        );
      }
      tellIfSettled();
    },
    grant(moreMs) {
      for (const expectation of [...open.values()].flat()) expectation.grantedMs += moreMs;
    },
    settled() {
      if (open.size === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    get expected() {
      return expected;
    },
    get slowestMs() {
      return slowestMs;
    },
  };
}
