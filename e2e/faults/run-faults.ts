import { createViolations, type Violations } from './checkers/violations.ts';
import { checkTheEnd } from './final-checks.ts';
import type { Form } from './forms.ts';
import type { Round } from './nemesis/schedule.ts';
import { playRounds } from './rounds.ts';
import { openScene, type Scene } from './scene.ts';
import type { Build } from './stack/build-services.ts';
import { startStack } from './stack/stack.ts';

export interface RunOptions {
  form: Form;
  seed: number;
  build: Build;
  rounds: Iterable<Round>;
  untilMs: number;
  endedWithinMs: number;
  /** Called when a round begins, and with what is there to be counted. */
  onFault?(name: string): void;
  onScene?(scene: Scene, violations: Violations): void;
}

export interface RunReport {
  violations: Violations;
  /** By kind, how often each acted. */
  faults: ReadonlyMap<string, number>;
  /** What the checkers have looked at. */
  looked: Readonly<Record<string, number>>;
  /** Where the logs are, when something is wrong. */
  folder: string | null;
}

/** One run of the suite: load, faults, checks. Leaves nothing behind but the logs of a run that went wrong. */
export async function runFaults(options: RunOptions): Promise<RunReport> {
  const { form, seed, build } = options;
  const violations = createViolations();
  const stack = await startStack({ build, seed, replicas: form.replicas, env: form.env });
  let keepFolder = true;
  try {
    const scene = await openScene(stack, { seed, load: form.load, violations, stretch: form.stretch });
    try {
      options.onScene?.(scene, violations);
      const { faults, quietLooks, grantedMs } = await playRounds(scene, options.rounds, {
        untilMs: options.untilMs,
        onFault: (name) => options.onFault?.(name),
      });
      const { children } = await checkTheEnd(scene, violations, options);
      const { snapshots, convergence, ledger, load, site } = scene;
      keepFolder = violations.count > 0;
      return {
        violations,
        faults,
        looked: {
          frames: snapshots.frames,
          parents: load.accepted.parents.size,
          children,
          'accepted reports': load.accepted.reports,
          'requests repeated': load.api.repeated,
          'pages fetched': [...site.hits.values()].reduce((sum, hits) => sum + hits, 0),
          'looks at the ledger': ledger.looks,
          'looks while nothing was broken': quietLooks,
          'granted since the machine stood still, ms': grantedMs,
          'states that viewers had to reach': convergence.expected,
          'the slowest took, ms': convergence.slowestMs,
        },
        folder: keepFolder ? stack.folder : null,
      };
    } finally {
      await scene.close();
    }
  } finally {
    await stack.end({ keepFolder });
  }
}
