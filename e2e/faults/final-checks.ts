import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { checkAudit, checkEnds } from './checkers/ends.ts';
import { checkLedger } from './checkers/ledger.ts';
import {
  type ChildRow,
  type LifecycleRow,
  type ParentRow,
  readChildren,
  readLifecycle,
  readParents,
} from './checkers/ledger-rows.ts';
import type { Violations } from './checkers/violations.ts';
import { CONVERGED_WITHIN_MS, converge } from './rounds.ts';
import type { Scene } from './scene.ts';

const PARENTS_AT_A_TIME = 500;
const LOOK_EVERY_MS = 200;

/** Lets the load run out, and compares everything that was accepted and seen with what SQL says. */
export async function checkTheEnd(
  scene: Scene,
  violations: Violations,
  limits: { endedWithinMs: number; convergedWithinMs?: number },
): Promise<{ children: number }> {
  const { load, site, stack, snapshots } = scene;
  await load.finish();
  await untilAllEnded(scene, limits.endedWithinMs);
  await converge(scene, {
    why: 'at the end',
    withinMs: limits.convergedWithinMs ?? CONVERGED_WITHIN_MS,
  });
  const expected = [...load.accepted.parents.keys()];
  const state = await readEverything(scene, expected);
  checkEnds(violations, { expected, ...state, seenEnds: snapshots.ends });
  checkLedger(violations, {
    rows: state.children,
    accepted: load.accepted.children,
    contradictions: load.accepted.contradictions,
    site,
    uncancelledCrawls: load.uncancelledCrawls,
  });
  const executors = stack.replicasOf('parent-executor');
  checkAudit(violations, {
    metrics: await Promise.all(executors.map(({ url }) => readText(`${url}/metrics`))),
    logs: stack.logFilesOf('parent-executor').map((file) => readFileSync(file, 'utf8')),
  });
  for (const what of stack.ownEnds) violations.add('services', what);
  return { children: state.children.length };
}

/** Those that never end are for the checker to name. */
async function untilAllEnded({ ledger, stretch }: Scene, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs * stretch();
  do {
    await ledger.look().catch(() => []);
    if (ledger.running === 0) return;
    await delay(LOOK_EVERY_MS);
  } while (Date.now() < deadline);
}

async function readEverything({ ledger: { pool } }: Scene, jobIds: readonly string[]) {
  const parents: ParentRow[] = [];
  const children: ChildRow[] = [];
  const lifecycle: LifecycleRow[] = [];
  for (let start = 0; start < jobIds.length; start += PARENTS_AT_A_TIME) {
    const some = jobIds.slice(start, start + PARENTS_AT_A_TIME);
    parents.push(...(await readParents(pool, some)));
    children.push(...(await readChildren(pool, some)));
    lifecycle.push(...(await readLifecycle(pool, some)));
  }
  return { parents, children, lifecycle };
}

const readText = async (url: string): Promise<string> => (await fetch(url)).text();
