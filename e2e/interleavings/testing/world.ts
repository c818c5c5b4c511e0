import type { JobStatusChange, ProgenyEvent } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import {
  type ChildReport,
  createMemoryJobStore,
  createMemoryState,
  type JobStore,
  StoreError,
  type StoreErrorCode,
} from '@progeny/job-store';
import { ALL, createExecutor, type Executor } from './executor.ts';
import type { Arrival, Step, WrittenReport } from './history.ts';
import { isTerminal } from './moment.ts';
import { createOracle, type Oracle } from './oracle.ts';
import { createGateway, createViewer, type Frame, type Gateway, OWNER, SILENT_FOR_MS } from './viewer.ts';
import { createWire, type Wire } from './wire.ts';

/** So short that a whole history fits in the time in which a gateway looks back. */
const STEP_MS = 400;
const LEASE_MS = 3_000;
const DEADLINE_MS = 6_000;
const CHILD_TIMEOUT_MS = 2_000;
const PARENTS_MAX = 3;

/** One ledger, two executors, two gateways with a viewer each, and everything that is under way between them. */
export async function createWorld() {
  const state = createMemoryState();
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  let lastId = 0;
  const oracle = createOracle(state);
  const store = watchChanges(
    createMemoryJobStore({
      now: () => new Date(++nowMs),
      newId: () => `01890000-0000-7000-8000-${(++lastId).toString(16).padStart(12, '0')}`,
      state,
    }),
    oracle,
  );
  const changes = createWire<JobStatusChange>();
  const written: ChildReport[][] = [];

  const newGateway = () => createGateway(store, () => nowMs);
  const gateways: [Gateway, Gateway] = [newGateway(), newGateway()];
  const newExecutor = () =>
    createExecutor(store, (event) => {
      if (event.type === 'job_status_change') changes.put(event.payload);
      else if (isFrame(event)) for (const { bus } of gateways) bus.put(event);
    });
  const executors: [Executor, Executor] = [newExecutor(), newExecutor()];
  const watch = (watchesAll: boolean) => {
    const client = oracle.watcher();
    let connection = oracle.watcher();
    const viewer = createViewer({
      store,
      watchesAll,
      onConnected: () => {
        connection = oracle.watcher();
      },
      onGone: oracle.gone,
      onSent: (frame) => connection.shown(frame),
      onAccepted: (frame) => client.shown(frame),
    });
    return { viewer, told: client.told };
  };
  const watchers = [watch(false), watch(true)] as const;
  const viewers = [watchers[0].viewer, watchers[1].viewer] as const;
  const connect = (which: number) => of(viewers, which).connect(of(gateways, which));
  for (const which of [0, 1]) await connect(which);

  const tell = (told: readonly JobStatusChange[]) => {
    for (const change of told) changes.put(change);
  };
  const parentOf = (number: number) => [...state.parents.keys()][number % state.parents.size] ?? '';

  const report = async (reports: ChildReport[]) => (await store.report(reports)).changes;
  const toReport = ({ child, attempt, found, ...one }: WrittenReport): ChildReport[] => {
    const row = [...state.children.values()][child % Math.max(1, state.children.size)];
    if (!row) return [];
    return [{ ...one, jobId: row.id, attempt: Math.max(1, row.attempt + attempt), children: inputs(found) }];
  };

  const completeOpen = (isMeant: (child: { parentId: string }) => boolean) =>
    report(
      [...state.children.values()]
        .filter((child) => child.finishedAt === null && isMeant(child))
        .map(({ id, attempt }) => ({ jobId: id, status: 'completed', attempt: Math.max(1, attempt) })),
    );

  const create = async ({ keys, sealed, allows }: Extract<Step, { kind: 'create' }>) => {
    if (state.parents.size === PARENTS_MAX) return [];
    const { job, changes: told } = await store.createParent({
      ...PARENT,
      children: inputs(keys),
      sealed,
      failurePolicy: allows.policy,
      ...(allows.hurries && { deadlineMs: DEADLINE_MS, childTimeoutMs: CHILD_TIMEOUT_MS }),
    });
    oracle.look();
    for (const viewer of viewers) await viewer.born(job.job_id);
    return told;
  };

  /** What a step of a writer changed. */
  const write = async (step: Extract<Step, { told: boolean }>): Promise<JobStatusChange[]> => {
    switch (step.kind) {
      case 'create':
        return create(step);
      case 'add':
        return (await store.addChildren(parentOf(step.parent), inputs(step.keys))).changes;
      case 'seal':
        return store.seal(parentOf(step.parent));
      case 'cancel':
        return store.requestCancel(parentOf(step.parent));
      case 'pause':
        return store.pause(parentOf(step.parent));
      case 'resume':
        return store.resume(parentOf(step.parent));
      case 'retry-failed':
        return store.requestRetryFailed(parentOf(step.parent));
      case 'retry':
        return store.retryChild([...state.children.keys()][step.child % state.children.size] ?? '');
      case 'delete':
        return store.deleteParent(parentOf(step.parent));
      case 'complete-all':
        return completeOpen((child) => child.parentId === parentOf(step.parent));
      case 'sweep':
        return store.sweep(parentOf(step.parent), 1);
      case 'claim':
        return (await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 2, leaseMs: LEASE_MS }))
          .changes;
      case 'reap':
        return store.reapExpired(ALL);
      case 'expire-seals':
        return store.expireSeals(ALL);
      case 'expire-deadlines':
        return store.expireDeadlines(ALL);
      case 'report':
        written.push(step.reports.flatMap(toReport));
        return report(written.at(-1) ?? []);
      case 'report-again':
        return report(written.flat());
      default:
        return assertNever(step);
    }
  };

  const play = async (step: Step): Promise<void> => {
    if ('told' in step) {
      const told = await write(step).catch((error: unknown) => {
        if (error instanceof StoreError && REFUSALS.has(error.code)) return [];
        throw error;
      });
      if (step.told) tell(told);
      return;
    }
    switch (step.kind) {
      case 'audit':
        return audit();
      case 'remove':
        await store.removeDeleted(2);
        return;
      case 'turn':
        await play({ ...step, kind: 'hear' });
        await fold(of(executors, step.executor));
        await play({ ...step, kind: 'tell' });
        if (step.crashes) of(executors, step.executor).crash();
        return;
      case 'watch':
        await play({ ...step, kind: 'pass', gateway: step.viewer });
        return play({ ...step, kind: 'receive', arrivals: step.received });
      case 'hear':
        for (const change of arriving(changes, step.arrivals)) of(executors, step.executor).hear(change);
        return;
      case 'fold':
        return fold(of(executors, step.executor));
      case 'tell':
        for (let told = 0; told < step.count; told += 1) await of(executors, step.executor).tell();
        return;
      case 'poll':
        return of(executors, step.executor).poll();
      case 'crash':
        return of(executors, step.executor).crash();
      case 'pass': {
        const { bus, hub } = of(gateways, step.gateway);
        for (const frame of arriving(bus, step.arrivals)) hub.deliver(frame, OWNER);
        return;
      }
      case 'restart':
        gateways[step.gateway % 2 === 0 ? 0 : 1] = newGateway();
        return connect(step.gateway);
      case 'backup-poll':
        return of(gateways, step.gateway).backupPoll();
      case 'receive': {
        const { wire, receive } = of(viewers, step.viewer);
        for (const frame of arriving(wire, step.arrivals)) receive(frame);
        return;
      }
      case 'reconnect':
        return connect(step.viewer);
      case 'snapshot':
        await of(viewers, step.viewer).snapshot();
        return;
      default:
        return assertNever(step);
    }
  };

  const fold = async (executor: Executor) => {
    // A ledger gives its deltas in no order.
    for (const { deltas } of state.parents.values()) deltas.reverse();
    for (const result of await executor.fold()) oracle.folded(result);
    // A fold may stop a parent, and the next sweep changes it again.
    oracle.look();
  };

  const audit = async () => {
    const { drifted } = await store.audit(ALL);
    oracle.check(drifted.length === 0, `the audit corrected ${drifted.join()}`);
  };

  /** Everything under way is lost and both executors die; then only what happens by itself, at intervals, happens. */
  const settle = async () => {
    for (const executor of executors) executor.crash();
    for (const { bus } of gateways) bus.takeAll();
    changes.takeAll();
    const [executor] = executors;
    for (let rounds = 0; rounds < 30; rounds += 1) {
      await executor.poll();
      if (executor.isIdle) break;
      await fold(executor);
      while (!executor.isIdle) {
        await executor.tell();
        await fold(executor);
      }
      oracle.look();
    }
    oracle.check(executor.isIdle, 'the executor finds no rest');
    nowMs += SILENT_FOR_MS;
    for (const viewer of viewers) while (await viewer.snapshot());
    for (const { bus, tick, backupPoll } of gateways) {
      bus.takeAll();
      // What had ended and was retried unheard is looked for when the bus is back.
      await backupPoll({ everything: true });
      nowMs += STEP_MS;
      tick();
    }
    for (const viewer of viewers) {
      for (const frame of viewer.wire.takeAll()) viewer.receive(frame);
    }
    oracle.atRest((parentId) => viewers.map((viewer) => viewer.get(parentId)));
  };

  /** Ends all that is open, and tells nobody. */
  const endAll = async () => {
    for (const { id, deletedAt } of state.parents.values()) if (deletedAt === null) await store.seal(id);
    await completeOpen(() => true);
    oracle.look();
  };

  return {
    faults: oracle.faults,
    async play(step: Step) {
      nowMs += STEP_MS;
      for (const { tick } of gateways) tick();
      await play(step);
      oracle.look();
    },
    /** Whatever happened, it ends: everything exact, each end told once. */
    async end() {
      await settle();
      await endAll();
      await settle();
      for (const { id, folded, lifecycle, deletedAt } of state.parents.values()) {
        if (deletedAt !== null) continue;
        const ends = lifecycle.filter(({ type }) => isTerminal(type)).length;
        oracle.check(
          lifecycle.length === 2 * ends,
          `${id} is ${folded.status} after ${lifecycle.length} events`,
        );
        for (const [index, { viewer, told }] of watchers.entries()) {
          const toldEnds = told(id).filter(isTerminal).length;
          // Who watches everything hears of a job from the first event on that comes; an earlier run may be lost.
          const least = !viewer.unbroken ? 0 : index === 0 ? ends : Math.min(1, ends);
          oracle.check(
            toldEnds >= least && toldEnds <= ends,
            `${id} was told to have ended ${toldEnds} times, of ${ends}`,
          );
        }
      }
      await audit();
    },
  };
}

const of = <T>([first, second]: readonly [T, T], number: number): T => (number % 2 === 0 ? first : second);

const arriving = <Message>(wire: Wire<Message>, arrivals: readonly Arrival[]): Message[] =>
  arrivals
    .map(({ message, delivery }) => wire.take(message, delivery))
    .filter((message) => message !== undefined);

const isFrame = (event: ProgenyEvent): event is Frame =>
  event.type === 'parent_job_progress' || (event.type.startsWith('JOB_') && event.type !== 'JOB_PROGRESS');

/** The ledger with somebody who notes every change of a child that it makes, told or not. */
function watchChanges(store: JobStore, { changed, claimed: isClaimed }: Oracle): JobStore {
  const noting = async (changes: Promise<JobStatusChange[]>) => {
    changed(await changes);
    return changes;
  };
  return {
    ...store,
    sweep: (parentId, limit) => noting(store.sweep(parentId, limit)),
    retryChild: (jobId) => noting(store.retryChild(jobId)),
    requestRetryFailed: (parentId) => noting(store.requestRetryFailed(parentId)),
    reapExpired: (limit) => noting(store.reapExpired(limit)),
    async claim(options) {
      const claimed = await store.claim(options);
      changed(claimed.changes);
      for (const { parent_id } of claimed.children) isClaimed(parent_id);
      return claimed;
    },
    async report(reports) {
      const reported = await store.report(reports);
      changed(reported.changes);
      return reported;
    },
  };
}

/** Of commands that come too late or too early. */
const REFUSALS: ReadonlySet<string> = new Set<StoreErrorCode>([
  'job_sealed',
  'job_ended',
  'job_not_ended',
  'job_cancelling',
  'job_not_found',
  'not_retryable',
]);

const inputs = (keys: readonly number[]) => keys.map((key) => ({ key: `k${key}`, payload: {} }));

const PARENT = {
  owner: OWNER,
  type: 'custom',
  name: 'a job',
  spec: {},
  childType: 'task',
  maxChildren: null,
  sealTimeoutMs: 3_000,
  priority: 0,
  deadlineMs: null,
  childTimeoutMs: null,
};
