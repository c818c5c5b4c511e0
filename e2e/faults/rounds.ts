import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './checkers/convergence.ts';
import type { Round } from './nemesis/schedule.ts';
import type { Scene } from './scene.ts';

/** What the fourth guarantee says. */
export const CONVERGED_WITHIN_MS = 30_000;
export const QUIET_WITHIN_MS = 1_000;

const LOOK_EVERY_MS = 100;
/** So late may a timer be on a machine that keeps up. */
const TIMER_LATE_MS = 50;
/** From a change to a frame five processes have to get their turn, each as late as this one. */
const PROCESSES = 5;

export interface RoundsReport {
  faults: Map<string, number>;
  /** Looks at the ledger in quiet times that all viewers had to follow within a second. */
  quietLooks: number;
  /** What everybody was granted, since the machine itself stood still. */
  grantedMs: number;
}

/** Lets each round's faults act, then waits for everybody to catch up, then looks on while nothing is broken. */
export async function playRounds(
  scene: Scene,
  rounds: Iterable<Round>,
  { untilMs, onFault }: { untilMs: number; onFault(name: string): void },
): Promise<RoundsReport> {
  const report: RoundsReport = { faults: new Map(), quietLooks: 0, grantedMs: 0 };
  for (const { faults, quietMs } of rounds) {
    if (Date.now() >= untilMs) break;
    const names = faults.map(({ fault }) => fault.name).join(' + ');
    onFault(names);
    await Promise.all(
      faults.map(async ({ fault, afterMs }) => {
        await delay(afterMs);
        await fault.act(scene.stack);
        await delay(fault.holdMs);
        await fault.end(scene.stack);
        report.faults.set(fault.kind, (report.faults.get(fault.kind) ?? 0) + 1);
      }),
    );
    await converge(scene, { why: `after ${names}` });
    await scene.stack.ready();
    await converge(scene, { why: `after all was ready again after ${names}` });
    await lookOn(scene, quietMs, report);
  }
  return report;
}

/** What stands in the ledger now has to reach every viewer. */
export async function converge(
  scene: Scene,
  { why, withinMs = CONVERGED_WITHIN_MS }: { why: string; withinMs?: number },
): Promise<void> {
  expectOfAll(scene, await lookAgain(scene), { withinMs, why });
  await settle(scene);
}

/** The same within a second, looking again and again. */
export async function lookOn(
  scene: Scene,
  quietMs: number,
  report: Pick<RoundsReport, 'quietLooks' | 'grantedMs'>,
): Promise<void> {
  const untilMs = Date.now() + quietMs;
  const clock = createClock(scene);
  while (Date.now() < untilMs) {
    const targets = await lookAgain(scene);
    expectOfAll(scene, targets, { withinMs: QUIET_WITHIN_MS, why: 'while nothing was broken' });
    report.quietLooks += 1;
    await delay(LOOK_EVERY_MS);
    report.grantedMs += clock.tick();
  }
  await settle(scene);
}

/** Judges at each tick, and grants the time that the machine was late by. */
function createClock({ convergence }: Scene) {
  let tickedMs = Date.now();
  return {
    tick(): number {
      const nowMs = Date.now();
      const lateMs = nowMs - tickedMs - LOOK_EVERY_MS;
      const grantedMs = lateMs > TIMER_LATE_MS ? lateMs * PROCESSES : 0;
      tickedMs = nowMs;
      if (grantedMs > 0) convergence.grant(grantedMs);
      convergence.judge(nowMs);
      return grantedMs;
    },
  };
}

function expectOfAll(
  { viewers, convergence, stretch }: Scene,
  targets: readonly Target[],
  { withinMs, why }: { withinMs: number; why: string },
): void {
  const nowMs = Date.now();
  const stretchedMs = Math.round(withinMs * stretch());
  for (const viewer of viewers) {
    const own = targets.filter((target) => viewer.owes(target));
    convergence.expect(viewer.name, own, { nowMs, withinMs: stretchedMs, why });
  }
}

/** Resolves when every expectation was met or has become a violation. */
async function settle(scene: Scene): Promise<void> {
  const clock = createClock(scene);
  const timer = setInterval(() => clock.tick(), LOOK_EVERY_MS);
  await scene.convergence.settled();
  clearInterval(timer);
}

/** PostgreSQL has just been started again, and the connections to it are those of before. */
async function lookAgain({ ledger }: Scene): Promise<Target[]> {
  for (;;) {
    try {
      return await ledger.look();
    } catch {
      await delay(LOOK_EVERY_MS);
    }
  }
}
