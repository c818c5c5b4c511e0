import type { CheckerName } from '../checkers/violations.ts';
import type { Chaos } from '../services/chaotic-bus.ts';
import type { ServiceName } from '../stack/build-services.ts';
import type { Mutation } from '../stack/mutation.ts';

/** The product with one thing wrong, and the checker that has to see it. */
export interface BrokenBuild extends Mutation {
  name: string;
  service: ServiceName;
  caughtBy: CheckerName;
  /** What has to happen to events for the fault to show. */
  chaos?: Chaos;
  /** Tried in `npm test`; the others by `npm run faults -- --broken`. */
  isShort?: true;
}

const DOUBLED: Chaos = { dropped: 0, doubled: 0.5, delayMaxMs: 20 };
const SHUFFLED: Chaos = { dropped: 0, doubled: 0, delayMaxMs: 400 };
const DROPPED: Chaos = { dropped: 0.8, doubled: 0, delayMaxMs: 0 };

export const BROKEN_BUILDS: readonly BrokenBuild[] = [
  {
    name: 'a gateway that passes on every version',
    service: 'ws-gateway',
    file: 'apps/ws-gateway/src/hub/job-line.ts',
    find: 'event.payload.version > this.#version',
    replace: 'event.payload.version > 0',
    caughtBy: 'snapshots',
    chaos: DOUBLED,
    isShort: true,
  },
  {
    name: 'a text with another count in it',
    service: 'parent-executor',
    file: 'libs/core/src/parent-progress.ts',
    find: 'counts.running} running',
    replace: 'counts.pending} running',
    caughtBy: 'snapshots',
  },
  {
    name: '100 % as soon as nothing is open',
    service: 'parent-executor',
    file: 'libs/core/src/parent-progress.ts',
    find: 'Math.min(99,',
    replace: 'Math.min(100,',
    caughtBy: 'snapshots',
  },
  {
    name: 'a parent that ends before it is sealed',
    service: 'parent-executor',
    file: 'libs/core/src/parent-status.ts',
    find: '!sealed || isOpen',
    replace: 'isOpen',
    caughtBy: 'snapshots',
  },
  {
    name: 'an end that does not wait for the counts it overtook',
    service: 'ws-gateway',
    file: 'apps/ws-gateway/src/hub/job-track.ts',
    find: '!isEnd(next) || !isOfParent(next.payload)',
    replace: 'true',
    caughtBy: 'snapshots',
    chaos: SHUFFLED,
  },
  {
    name: 'a fold that loses some of what it took',
    service: 'parent-executor',
    file: 'libs/job-store-prisma/src/deltas.ts',
    find: 'lag_ms } of rows) {',
    replace: 'lag_ms } of rows.slice(0, 2)) {',
    caughtBy: 'ends',
    isShort: true,
  },
  {
    name: 'a change that is counted twice',
    service: 'manager',
    file: 'libs/job-store-prisma/src/move-children.ts',
    find: 'FROM moved WHERE from_status IS DISTINCT FROM status',
    replace: 'FROM moved CROSS JOIN generate_series(1, 2) WHERE from_status IS DISTINCT FROM status',
    caughtBy: 'ends',
  },
  {
    name: 'a start that is recorded with every change',
    service: 'parent-executor',
    file: 'libs/core/src/parent-lifecycle.ts',
    find: '(lastSeq === 0 && hasBegun)',
    replace: 'hasBegun',
    caughtBy: 'ends',
  },
  {
    name: 'a claim without a new attempt',
    service: 'manager',
    file: 'libs/job-store-prisma/src/claim.ts',
    find: 'attempt = j.attempt + 1',
    replace: 'attempt = greatest(j.attempt, 1)',
    caughtBy: 'ledger',
    isShort: true,
  },
  {
    name: 'a report that is answered and not stored',
    service: 'manager',
    file: 'libs/job-store-prisma/src/move-children.ts',
    find: 'j.attempt = m.from_attempt',
    replace: "j.attempt = m.from_attempt AND m.to_status <> 'failed'",
    caughtBy: 'ledger',
  },
  {
    name: 'an end that a later one replaces',
    service: 'manager',
    file: 'libs/core/src/child-transition.ts',
    find: "? 'apply' : 'illegal_transition'",
    replace: "|| reported.status === 'failed' ? 'apply' : 'illegal_transition'",
    caughtBy: 'ledger',
  },
  {
    name: 'found pages that are forgotten',
    service: 'manager',
    file: 'libs/job-store-prisma/src/report.ts',
    find: 'insertChildren(query, parent, finder.children)',
    replace: 'insertChildren(query, parent, finder.children.slice(1))',
    caughtBy: 'ledger',
  },
  {
    name: 'a gateway that never looks for what it was not told',
    service: 'ws-gateway',
    file: 'apps/ws-gateway/src/poll/backup-poll.ts',
    find: '.silentSince(sinceMs, { ended: everything })',
    replace: '.silentSince(Number.NEGATIVE_INFINITY, { ended: false })',
    caughtBy: 'convergence',
    chaos: DROPPED,
    isShort: true,
  },
  {
    name: 'an executor that never looks for what it was not told',
    service: 'parent-executor',
    file: 'apps/parent-executor/src/parent-executor.ts',
    find: 'await store.findUnfolded(POLL_BATCH, standingMs)',
    replace: '([] as string[])',
    caughtBy: 'convergence',
    chaos: DROPPED,
  },
  {
    name: 'an executor that does not listen to its children',
    service: 'parent-executor',
    file: 'apps/parent-executor/src/parent-executor.ts',
    find: 'if (isDerived(payload)) return;',
    replace: 'if (isDerived(payload) || payload.parent_id !== null) return;',
    caughtBy: 'convergence',
  },
];
