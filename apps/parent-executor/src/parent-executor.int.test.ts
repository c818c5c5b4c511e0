import type { ParentJobProgress, ProgenyEvent } from '@progeny/contract';
import type { JobStore, NewParent } from '@progeny/job-store';
import { newParent, numbered } from '@progeny/job-store/contract-suite';
import { createExecutorScene, type ExecutorScene } from './testing/executor-scene.ts';

let scene: ExecutorScene;

beforeEach(async () => {
  scene = await createExecutorScene();
});
afterEach(() => scene.close());

const sealedParent = (count: number, more: Partial<NewParent> = {}): NewParent =>
  newParent(numbered(count), { sealed: true, ...more });

const progressIn = (events: readonly ProgenyEvent[], jobId?: string): ParentJobProgress[] =>
  events
    .filter((event) => event.type === 'parent_job_progress')
    .map(({ payload }) => payload)
    .filter((payload) => jobId === undefined || payload.job_id === jobId);

const has = (type: ProgenyEvent['type']) => (events: readonly ProgenyEvent[]) =>
  events.some((event) => event.type === type);

const textIs = (text: string) => (events: readonly ProgenyEvent[]) =>
  progressIn(events).at(-1)?.progress_text === text;

/** Creates a parent and says so, as the manager does. */
async function create(parent: NewParent): Promise<string> {
  const { job, changes } = await scene.store.createParent(parent);
  scene.tell(changes);
  return job.job_id;
}

const claimChanges = (limit: number) =>
  scene.store.claim({ workerId: 'w', jobTypes: ['task'], limit, leaseMs: 60_000 });

async function claim(limit: number) {
  const { children, changes } = await claimChanges(limit);
  scene.tell(changes);
  return children;
}

/** A claim whose events are lost. */
const claimUntold = async (limit: number) => (await claimChanges(limit)).children;

async function complete(children: Awaited<ReturnType<typeof claim>>): Promise<void> {
  const { changes } = await scene.store.report(
    children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' as const })),
  );
  scene.tell(changes);
}

test('a watcher sees the numbers rise to the end, and the end once, after the last of them', async () => {
  const executor = await scene.startExecutor();
  await create(sealedParent(3));
  await scene.until(textIs('3 pending, 0 running, 0 completed, 0 failed'));
  const claimed = await claim(2);
  await scene.until(textIs('1 pending, 2 running, 0 completed, 0 failed'));
  await complete(claimed);
  await scene.until(textIs('1 pending, 0 running, 2 completed, 0 failed'));
  await complete(await claim(1));
  await scene.until(has('JOB_COMPLETED'));

  const versions = progressIn(scene.events).map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  const [last, end] = scene.events.slice(-2);
  expect(end?.type).toBe('JOB_COMPLETED');
  expect(last?.payload).toMatchObject({
    status: 'completed',
    progress_text: '0 pending, 0 running, 3 completed, 0 failed',
    progress_percentage: 100,
  });
  await executor.stop();
  expect(scene.events.filter(({ type }) => type.startsWith('JOB_')).map(({ type }) => type)).toEqual([
    'JOB_STARTED',
    'JOB_COMPLETED',
  ]);
  expect(await executor.counted('backstop_delivered_total')).toBe(0);
});

test('a sealed parent without children ends', async () => {
  await scene.startExecutor();
  await create(sealedParent(0));
  await scene.until(has('JOB_COMPLETED'));
  expect(progressIn(scene.events).at(-1)).toMatchObject({ total_children: 0, status: 'completed' });
});

test('a birth is told at once, with the children in it, though nothing is left to fold', async () => {
  await scene.startExecutor();
  const jobId = await create(sealedParent(3));
  await scene.until((events) => progressIn(events, jobId).length > 0);
  expect(progressIn(scene.events)).toHaveLength(1);
  expect(progressIn(scene.events)[0]).toMatchObject({ status: 'pending', pending_children: 3 });
});

test('what changed while no executor ran is told as soon as one starts', async () => {
  const { job } = await scene.store.createParent(sealedParent(2));
  await claimUntold(2);
  await scene.startExecutor();
  await scene.until(textIs('0 pending, 2 running, 0 completed, 0 failed'));
  expect(progressIn(scene.events)[0]?.job_id).toBe(job.job_id);
});

test('the poll finds what no event told, and says how often', async () => {
  const executor = await scene.startExecutor({ env: { FOLD_POLL_INTERVAL_MS: '20', FOLD_INTERVAL_MS: '1' } });
  await scene.store.createParent(sealedParent(2));
  const children = await claimUntold(2);
  await scene.until(textIs('0 pending, 2 running, 0 completed, 0 failed'));
  expect(await executor.counted('backstop_delivered_total')).toBe(1);
  await scene.store.report(
    children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })),
  );
  await scene.until(has('JOB_COMPLETED'));
  expect(await executor.counted('backstop_delivered_total')).toBe(2);
});

test('a busy parent that the poll sees between two folds is not counted as found by it', async () => {
  const { findUnfolded } = scene.store;
  let polled = () => {};
  const sawBusyParent = new Promise<void>((resolve) => {
    polled = resolve;
  });
  const store: JobStore = {
    ...scene.store,
    async findUnfolded(...options) {
      const found = await findUnfolded(...options);
      if (found.length > 0) polled();
      return found;
    },
  };
  const executor = await scene.startExecutor({
    store,
    env: { FOLD_POLL_INTERVAL_MS: '1', FOLD_INTERVAL_MS: '200' },
  });
  await create(sealedParent(5));
  await scene.until(textIs('5 pending, 0 running, 0 completed, 0 failed'));
  // Its spare folds are used up by these, so that the next waits to be folded when the poll comes by.
  for (const running of [1, 2, 3]) {
    await claim(1);
    await scene.until(textIs(`${5 - running} pending, ${running} running, 0 completed, 0 failed`));
  }
  await claim(1);
  await sawBusyParent;
  await scene.until(textIs('1 pending, 4 running, 0 completed, 0 failed'));
  expect(await executor.counted('backstop_delivered_total')).toBe(0);
});

test('two executors on one ledger count everything once', async () => {
  const executors = [
    await scene.startExecutor({ env: { FOLD_INTERVAL_MS: '1', FOLD_POLL_INTERVAL_MS: '1' } }),
    await scene.startExecutor({ env: { FOLD_INTERVAL_MS: '1', FOLD_POLL_INTERVAL_MS: '1' } }),
  ];
  const parents = await Promise.all([50, 40, 30].map((count) => create(sealedParent(count))));
  for (let round = 0; round < 15; round += 1) await complete(await claim(8));
  await scene.until((events) => events.filter(({ type }) => type === 'JOB_COMPLETED').length === 3);
  for (const executor of executors) await executor.stop();

  expect(parents.map((jobId) => progressIn(scene.events, jobId).at(-1)?.completed_children)).toEqual([
    50, 40, 30,
  ]);
  for (const jobId of parents) {
    const versions = progressIn(scene.events, jobId).map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  }
  const ends = scene.events.filter(({ type }) => type === 'JOB_STARTED' || type === 'JOB_COMPLETED');
  expect(ends).toHaveLength(6);
});

test('a parent that another replica was folding is folded again, so that no change waits for the poll', async () => {
  const { fold } = scene.store;
  let locked = false;
  const store: JobStore = {
    ...scene.store,
    async fold(parentIds) {
      if (!locked) return fold(parentIds);
      locked = false;
      return [];
    },
  };
  await scene.startExecutor({ store });
  await create(sealedParent(1));
  await scene.until(textIs('1 pending, 0 running, 0 completed, 0 failed'));
  locked = true;
  await claim(1);
  await scene.until(textIs('0 pending, 1 running, 0 completed, 0 failed'));
  expect(locked).toBe(false);
});

describe('a cancel whose manager died', () => {
  test('is carried out to its end, and told child by child', async () => {
    const jobId = await create(sealedParent(1_200));
    await claim(100);
    await scene.store.requestCancel(jobId);
    await scene.startExecutor();
    await scene.until(has('JOB_CANCELLED'));
    expect(progressIn(scene.events).at(-1)).toMatchObject({ status: 'cancelled', cancelled_children: 1_200 });
    const swept = scene.events.filter(
      ({ type, payload }) =>
        type === 'job_status_change' && 'to' in payload && payload.parent_id && payload.to === 'cancelled',
    );
    expect(swept).toHaveLength(1_200);
  });

  test('that cannot be swept holds up nobody else, and is tried again by the next poll', async () => {
    let tries = 0;
    const { sweepCancelled } = scene.store;
    const store: JobStore = {
      ...scene.store,
      sweepCancelled(parentId, limit) {
        tries += 1;
        return tries < 3 ? Promise.reject(new Error('a lock timed out')) : sweepCancelled(parentId, limit);
      },
    };
    const cancelled = await create(sealedParent(1));
    await scene.store.requestCancel(cancelled);
    const other = await create(sealedParent(2));
    await claimUntold(2);
    await scene.startExecutor({ store, env: { FOLD_POLL_INTERVAL_MS: '20' } });
    await scene.until((events) => progressIn(events, other).length > 0);
    expect(progressIn(scene.events, other)[0]?.running_children).toBe(2);
    expect(tries).toBe(1);
    await scene.until(has('JOB_CANCELLED'));
  });
});

test('that the counts of a parent were verified is told, though nothing else changes', async () => {
  const jobId = await create(sealedParent(2));
  await scene.startExecutor({ env: { AUDIT_INTERVAL_MS: '5' } });
  await scene.until((events) => progressIn(events, jobId).some((progress) => progress.verified_at !== null));
});

test('a drift is told as soon as it is corrected, though nothing follows from it', async () => {
  const jobId = await create(sealedParent(2));
  await scene.corruptCounts(jobId, { status: 'failed', by: 1 });
  await scene.startExecutor({ env: { AUDIT_INTERVAL_MS: '5' } });
  await scene.until(textIs('2 pending, 0 running, 0 completed, 0 failed'));
});

test('a drift is counted and corrected, and what follows from it happens', async () => {
  const jobId = await create(sealedParent(1));
  await complete(await claim(1));
  await scene.corruptCounts(jobId, { status: 'pending', by: 1 });
  const executor = await scene.startExecutor({ env: { AUDIT_INTERVAL_MS: '5' } });
  await scene.until(has('JOB_COMPLETED'));
  expect(progressIn(scene.events).at(-1)).toMatchObject({ total_children: 1, completed_children: 1 });
  expect(await executor.counted('progress_drift_total')).toBe(1);
});

test('a parent that is told of once is folded once: what its executor tells wakes nobody', async () => {
  let folds = 0;
  const { fold } = scene.store;
  const store: JobStore = {
    ...scene.store,
    fold(parentIds) {
      folds += 1;
      return fold(parentIds);
    },
  };
  const executor = await scene.startExecutor({ store, env: { FOLD_INTERVAL_MS: '1' } });
  await create(sealedParent(0));
  await scene.until(has('JOB_COMPLETED'));
  await executor.stop();
  expect(folds).toBe(1);
});

test('what was told just before a stop is folded and told before the bus closes', async () => {
  const executor = await scene.startExecutor({ env: { FOLD_INTERVAL_MS: '60000' } });
  await create(sealedParent(1));
  await scene.until(textIs('1 pending, 0 running, 0 completed, 0 failed'));
  await complete(await claim(1));
  await executor.stop();
  await scene.until(has('JOB_COMPLETED'));
});

test('a ledger that is away is said by ready, and folds go on when it is back', async () => {
  let away = true;
  const { fold, ping } = scene.store;
  const unavailable = () => Promise.reject(new Error('connection refused'));
  const store: JobStore = {
    ...scene.store,
    ping: () => (away ? unavailable() : ping()),
    fold: (parentIds) => (away ? unavailable() : fold(parentIds)),
    findUnfolded: () => unavailable(),
  };
  const executor = await scene.startExecutor({ store });
  await create(sealedParent(1));
  const ready = await fetch(`http://127.0.0.1:${executor.port}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { ready: false, checks: { postgres: 'connection refused', nats: 'ok' } },
  ]);
  away = false;
  await scene.until(textIs('1 pending, 0 running, 0 completed, 0 failed'));
});
