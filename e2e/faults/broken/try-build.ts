import { setTimeout as delay } from 'node:timers/promises';
import { createViolations, type Violations } from '../checkers/violations.ts';
import { checkTheEnd } from '../final-checks.ts';
import { BROKEN } from '../forms.ts';
import { converge, lookOn } from '../rounds.ts';
import { openScene, type Scene } from '../scene.ts';
import type { Chaos } from '../services/chaotic-bus.ts';
import { type Build, buildServices, type ServiceName } from '../stack/build-services.ts';
import { startStack } from '../stack/stack.ts';
import type { BrokenBuild } from './broken-builds.ts';

const DISTURBED_MS = 4_000;
/** Parents that have to end while events are disturbed: what nobody was told of is then seen in some of them. */
const ENDED_DISTURBED = 15;
/** On a machine that is busy with something else they take longer. */
const DISTURBED_MAX_MS = 30_000;
const LOOK_EVERY_MS = 100;
const QUIET_MS = 3_000;
/** Instead of 30 s, since the polls are quicker, too. */
const CONVERGED_WITHIN_MS = 6_000;
const ENDED_WITHIN_MS = 5_000;

export interface Trial {
  build: Build;
  seed: number;
  chaos: Chaos | undefined;
  stretch?: Scene['stretch'];
  /** Whether enough has been found; the rest is left out then. */
  isEnough(violations: Violations): boolean;
}

/** A few seconds of load on a small stack, and every checker. */
export async function tryBuild({ build, seed, chaos, stretch, isEnough }: Trial): Promise<Violations> {
  const violations = createViolations();
  const stack = await startStack({ build, seed, replicas: BROKEN.replicas, env: BROKEN.env });
  try {
    const scene = await openScene(stack, { seed, load: BROKEN.load, violations, stretch });
    try {
      for (const step of stepsOf(scene, violations, { chaos, isEnough })) {
        await step();
        if (isEnough(violations)) break;
      }
    } finally {
      await scene.close();
    }
  } finally {
    await stack.end({ keepFolder: false });
  }
  return violations;
}

const stepsOf = (
  scene: Scene,
  violations: Violations,
  { chaos, isEnough }: Pick<Trial, 'chaos' | 'isEnough'>,
) => [
  async () => {
    scene.stack.disturb(chaos ?? null);
    if (chaos) await untilMuchHappened(scene, () => isEnough(violations));
    scene.stack.disturb(null);
  },
  () => converge(scene, { why: 'after the disturbance', withinMs: CONVERGED_WITHIN_MS }),
  () => lookOn(scene, QUIET_MS, { quietLooks: 0, grantedMs: 0 }),
  async () => {
    await checkTheEnd(scene, violations, {
      endedWithinMs: ENDED_WITHIN_MS,
      convergedWithinMs: CONVERGED_WITHIN_MS,
    });
  },
];

/** Or enough was found. Counted beside the ledger watch, whose next look has to find all that ended meanwhile. */
async function untilMuchHappened({ ledger: { pool } }: Scene, isEnough: () => boolean): Promise<void> {
  const startMs = Date.now();
  const countEnded = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM job WHERE parent_id IS NULL AND finished_at IS NOT NULL',
    );
    return rows[0]?.n ?? 0;
  };
  let before: number | undefined;
  while (!isEnough()) {
    // A machine that is too busy to answer now answers the next time.
    const ended = await countEnded().catch(() => undefined);
    before ??= ended;
    const passedMs = Date.now() - startMs;
    const isMuch = ended !== undefined && before !== undefined && ended - before >= ENDED_DISTURBED;
    if (passedMs >= DISTURBED_MAX_MS || (passedMs >= DISTURBED_MS && isMuch)) return;
    await delay(LOOK_EVERY_MS);
  }
}

/** Tries a broken build on top of the sound bundles; resolves with what its checker has found. */
export async function tryBroken(sound: Build, broken: BrokenBuild, seed: number): Promise<string[]> {
  const services: ServiceName[] = [broken.service];
  const { files, remove } = await buildServices(services, broken);
  const own = (violations: Violations) =>
    violations.all.filter(({ checker }) => checker === broken.caughtBy).map(({ what }) => what);
  try {
    const violations = await tryBuild({
      build: { ...sound, ...files },
      seed,
      chaos: broken.chaos,
      isEnough: (found) => own(found).length > 0,
    });
    return own(violations);
  } finally {
    remove();
  }
}
