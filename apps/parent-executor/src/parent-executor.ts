import type { JobStatusChange } from '@progeny/contract';
import { type EventBus, headersOf } from '@progeny/event-bus';
import type { FoldResult, JobStore } from '@progeny/job-store';
import {
  connectedCheck,
  createOpsServer,
  createOutage,
  createService,
  isTransient,
  keepAsking,
  type Log,
  type Metrics,
  runEvery,
  type Service,
  watchCalls,
} from '@progeny/kit';
import type { ExecutorConfig } from './config.ts';
import { createExecutorMetrics } from './executor-metrics.ts';
import { createFoldScheduler } from './fold-scheduler.ts';
import { publishFold } from './publish-fold.ts';
import { publishSweep } from './publish-sweep.ts';
import { createSweeper } from './sweeper.ts';

export interface ExecutorParts {
  config: ExecutorConfig;
  store: JobStore;
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Parents looked at in one poll or audit; the rest is for the next. A poll answers ids alone. */
const POLL_BATCH = 10_000;
const AUDIT_BATCH = 500;
/** Parents whose first snapshot is to be told; that of any beyond is found by the gateway's poll. */
const BORN_MAX = 10_000;
/** Of the poll's interval: a change that has stood for so long was told neither to us nor to any other replica. */
const UNTOLD_AFTER = 0.4;

/** Folds the children's changes into counts, derives each parent's status and tells the bus. Holds no truth. */
export function createParentExecutor(parts: ExecutorParts): Service & { port(): number } {
  const { config, bus, log, metrics } = parts;
  const store = watchCalls(parts.store, createOutage({ log, what: 'postgres' }));
  const counted = createExecutorMetrics(metrics, bus);
  /** Parents that the poll found; a fold that changes one means that no event had told of it. */
  const foundByPoll = new Set<string>();
  /** Parents born with their children counted: there is nothing to fold, but a first snapshot to tell of. */
  const born = new Set<string>();

  const fold = async (parentIds: readonly string[]): Promise<readonly string[]> => {
    const endTimer = counted.foldSeconds.startTimer();
    const results = await store.fold(parentIds);
    endTimer();
    // Told before anything else is tried: a fold is committed once, and nobody tells of it a second time.
    for (const result of results) announce(result);
    for (const { needsSweep, progress } of results) if (needsSweep) sweeper.mark(progress.job_id);
    return stillToFold(parentIds, results);
  };

  /** Those that another replica was folding at this moment; it may not have seen what we were told of. */
  const stillToFold = async (parentIds: readonly string[], results: readonly FoldResult[]) => {
    const folded = new Set(results.map((result) => result.progress.job_id));
    const left = parentIds.filter((parentId) => !folded.has(parentId));
    if (left.length === 0) return [];
    const busy = new Set((await store.getProgress(left)).map(({ progress }) => progress.job_id));
    for (const parentId of left.filter((id) => !busy.has(id))) {
      born.delete(parentId);
      foundByPoll.delete(parentId);
    }
    return [...busy];
  };

  const announce = (result: FoldResult) => {
    if (result.lagMs !== null) counted.foldLag.observe(result.lagMs / 1_000);
    const { job_id, status } = result.progress;
    const isFirst = born.delete(job_id);
    if (foundByPoll.delete(job_id) && result.changed) counted.backstopDelivered.inc();
    if (!result.changed && !isFirst) return;
    if (result.changes.length > 0) log.info({ job_id, status }, 'parent changed its status');
    try {
      publishFold(bus, result);
    } catch (error) {
      log.error({ err: error, job_id }, 'a fold could not be told');
    }
  };

  /** A command's manager may have died, and children come in beside a cancel; a failure policy has no manager at all. */
  const sweeper = createSweeper({
    sweep: (parentId, limit) => store.sweep(parentId, limit),
    onSwept: (parentId, changes) => {
      publishSweep(bus, changes);
      if (changes.length > 0) scheduler.mark(parentId);
    },
    onError: (error) => {
      if (!isTransient(error)) log.error({ err: error }, 'a sweep failed');
    },
  });

  const scheduler = createFoldScheduler({
    intervalMs: config.FOLD_INTERVAL_MS,
    fold,
    onError: (error) => {
      if (!isTransient(error)) log.error({ err: error }, 'a fold failed; it will be tried again');
    },
  });

  /** Whether even what has only just changed has to be looked for: nothing was told to us so far. */
  let wasDeaf = true;
  const poll = async () => {
    const standingMs = wasDeaf ? 0 : config.FOLD_POLL_INTERVAL_MS * UNTOLD_AFTER;
    const unfolded = await store.findUnfolded(POLL_BATCH, standingMs);
    wasDeaf = false;
    for (const parentId of unfolded) {
      // A parent that is not quiet has just been told of.
      if (scheduler.isQuiet(parentId)) foundByPoll.add(parentId);
      scheduler.mark(parentId);
    }
  };

  const audit = async () => {
    const { verified, drifted } = await store.audit(AUDIT_BATCH);
    counted.drift.inc(drifted.length);
    for (const job_id of drifted) log.error({ job_id }, 'counts had drifted and were corrected');
    if (verified.length + drifted.length === 0) return;
    const timestamp = new Date().toISOString();
    for (const { tenantId, userId, progress } of await store.getProgress([...verified, ...drifted])) {
      bus.publish({
        tenantId,
        event: { type: 'parent_job_progress', payload: progress, timestamp },
        headers: headersOf({ user_id: userId }),
      });
    }
    // What follows from corrected counts, the end even.
    for (const parentId of drifted) scheduler.mark(parentId);
  };

  const ops = createOpsServer({
    metrics,
    checks: { postgres: () => store.ping(), nats: connectedCheck(bus) },
    host: config.HOST,
    port: config.EXECUTOR_PORT,
    portVariable: 'EXECUTOR_PORT',
  });
  const service = createService('parent-executor', async (onStop) => {
    onStop(() => store.close());
    onStop(() => bus.close());
    onStop(() => scheduler.stop());
    onStop(() => sweeper.stop());
    await ops.start();
    onStop(() => ops.stop());
    const subscription = bus.subscribe(
      // A thousand changes of a parent that is to be folded anyway say no more than the first.
      {
        topic: 'job_status_change',
        queue: 'parent-executor',
        skip: ({ jobId }) => scheduler.isMarked(jobId),
      },
      ({ payload }, { jobId }) => {
        if (payload.job_id === jobId) {
          if (payload.from === null && born.size < BORN_MAX) born.add(jobId);
          if (isDerived(payload)) return;
        }
        foundByPoll.delete(jobId);
        scheduler.mark(jobId);
      },
    );
    onStop(() => subscription.unsubscribe());
    const polling = runEvery(config.FOLD_POLL_INTERVAL_MS, { name: 'poll', log, task: poll });
    onStop(() => polling.stop());
    polling.runNow();
    // Whatever was told while the bus was away was told to nobody.
    const back = bus.onConnected(() => {
      wasDeaf = true;
      polling.runNow();
    });
    onStop(() => back.unsubscribe());
    const asking = keepAsking('postgres', { log, ask: () => store.ping() });
    onStop(() => asking.stop());
    const auditing = runEvery(config.AUDIT_INTERVAL_MS, { name: 'audit', log, task: audit });
    onStop(() => auditing.stop());
  });
  return { ...service, port: () => ops.port };
}

/** Of a parent's own change: that an executor derived and told it itself. A fold for it would find nothing. */
const isDerived = ({ from, to }: JobStatusChange): boolean => from !== null && from !== to;
