import { setTimeout as delay } from 'node:timers/promises';
import type { Target } from './checkers/convergence.ts';
import type { Round } from './nemesis/schedule.ts';
import type { Scene } from './scene.ts';

/** What the fourth guarantee says. */
export const CONVERGED_WITHIN_MS = 30_000;
export const QUIET_WITHIN_MS = 1_000;

const LOOK_EVERY_MS = 100;
/** Beyond this, what is late is the machine and not the product: nothing is judged by that moment. */
const STALLED_MS = 300;

export interface RoundsReport {
  faults: Map<string, number>;
  /** Looks at the ledger in quiet times that all viewers had to follow within a second. */
  quietLooks: number;
  /** Of these, those that say nothing because the machine itself stood still. */
  forgiven: number;
}

/** Lets each round's faults act, then waits for everybody to catch up, then looks on while nothing is broken. */
export async function playRounds(
  scene: Scene,
  rounds: Iterable<Round>,
  { untilMs, onFault }: { untilMs: number; onFault(name: string): void },
): Promise<RoundsReport> {
  const report: RoundsReport = { faults: new Map(), quietLooks: 0, forgiven: 0 };
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
  report: Pick<RoundsReport, 'quietLooks' | 'forgiven'>,
): Promise<void> {
  const untilMs = Date.now() + quietMs;
  for (let lookedMs = Date.now(); lookedMs < untilMs; ) {
    const targets = await lookAgain(scene);
    expectOfAll(scene, targets, { withinMs: QUIET_WITHIN_MS, why: 'while nothing was broken' });
    report.quietLooks += 1;
    await delay(LOOK_EVERY_MS);
    const nowMs = Date.now();
    if (nowMs - lookedMs > LOOK_EVERY_MS + STALLED_MS) {
      scene.convergence.forgive();
      report.forgiven += 1;
    }
    lookedMs = nowMs;
    scene.convergence.judge(nowMs);
  }
  await settle(scene);
}

function expectOfAll(
  { viewers, convergence }: Scene,
  targets: readonly Target[],
  { withinMs, why }: { withinMs: number; why: string },
): void {
  const nowMs = Date.now();
  for (const viewer of viewers) {
    const own = targets.filter(({ jobId }) => viewer.watches(jobId));
    convergence.expect(viewer.name, own, { nowMs, withinMs, why });
  }
}

/** Resolves when every expectation was met or has become a violation. */
async function settle({ convergence }: Scene): Promise<void> {
  const timer = setInterval(() => convergence.judge(Date.now()), LOOK_EVERY_MS);
  await convergence.settled();
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
