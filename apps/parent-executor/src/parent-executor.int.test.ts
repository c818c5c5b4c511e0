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

/** Of a parent, whichever. */
const has = (type: ProgenyEvent['type']) => (events: readonly ProgenyEvent[]) =>
  events.some((event) => event.type === type && isOfParent(event));
const isOfParent = ({ payload }: ProgenyEvent) => !('parent_id' in payload) || payload.parent_id === null;

const ended = (type: ProgenyEvent['type'], jobId: string) => (events: readonly ProgenyEvent[]) =>
  events.some((event) => event.type === type && event.payload.job_id === jobId);

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
  const jobId = await create(sealedParent(3));
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
  expect(lifecycleOf(jobId)).toEqual(['JOB_STARTED', 'JOB_COMPLETED']);
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
  await scene.until((events) => events.filter((event) => has('JOB_COMPLETED')([event])).length === 3);
  for (const executor of executors) await executor.stop();

  expect(parents.map((jobId) => progressIn(scene.events, jobId).at(-1)?.completed_children)).toEqual([
    50, 40, 30,
  ]);
  for (const jobId of parents) {
    // The one that heard of the birth may tell the present state once more.
    const versions = progressIn(scene.events, jobId).map(({ version }) => version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  }
  const ends = scene.events.filter((event) => has('JOB_STARTED')([event]) || has('JOB_COMPLETED')([event]));
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

/** What became of a parent, or of its children. */
const lifecycleOf = (jobId: string) =>
  scene.events
    .filter(({ type, payload }) => type.startsWith('JOB_') && payload.job_id === jobId)
    .map(({ type }) => type);
const childrenTold = (type: ProgenyEvent['type'], parentId: string) =>
  scene.events.filter(
    (event) => event.type === type && 'parent_id' in event.payload && event.payload.parent_id === parentId,
  );

describe('a cancel whose manager died', () => {
  test('is carried out to its end, and told child by child', async () => {
    const jobId = await create(sealedParent(1_200));
    await claim(100);
    await scene.store.requestCancel(jobId);
    await scene.startExecutor();
    await scene.until(ended('JOB_CANCELLED', jobId));
    expect(progressIn(scene.events).at(-1)).toMatchObject({ status: 'cancelled', cancelled_children: 1_200 });
    const swept = scene.events.filter(
      ({ type, payload }) =>
        type === 'job_status_change' && 'to' in payload && payload.parent_id && payload.to === 'cancelled',
    );
    expect(swept).toHaveLength(1_200);
    expect(childrenTold('JOB_STARTED', jobId)).toHaveLength(1_200);
    expect(childrenTold('JOB_CANCELLED', jobId)).toHaveLength(1_200);
  });

  test('that cannot be swept holds up nobody else, and is tried again by the next poll', async () => {
    let tries = 0;
    const { sweep } = scene.store;
    const store: JobStore = {
      ...scene.store,
      sweep(parentId, limit) {
        tries += 1;
        return tries < 3 ? Promise.reject(new Error('a lock timed out')) : sweep(parentId, limit);
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
    await scene.until(ended('JOB_CANCELLED', cancelled));
  });

  test('and that is swept in many batches keeps no other parent waiting', async () => {
    const { sweep } = scene.store;
    let held = () => {};
    const firstBatch = new Promise<void>((resolve) => {
      held = resolve;
    });
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store: JobStore = {
      ...scene.store,
      async sweep(parentId, limit) {
        held();
        await released;
        return sweep(parentId, limit);
      },
    };
    const huge = await create(sealedParent(1_200));
    await scene.store.requestCancel(huge);
    await scene.startExecutor({ store });
    await firstBatch;
    const other = await create(sealedParent(2));
    await complete(await claim(2));
    await scene.until(ended('JOB_COMPLETED', other));
    const [unswept] = await scene.store.getProgress([huge]);
    expect(unswept?.progress.pending_children).toBe(1_200);
    release();
    await scene.until(ended('JOB_CANCELLED', huge));
  });
});

test('failures beyond what the policy allows stop the parent, and what was open is cancelled', async () => {
  await scene.startExecutor();
  const jobId = await create(sealedParent(10, { failurePolicy: 'fail_fast' }));
  const [first] = await claim(3);
  if (!first) throw new Error('nothing was claimed');
  const report = { jobId: first.job_id, attempt: first.attempt, status: 'failed' as const };
  scene.tell((await scene.store.report([report])).changes);
  await scene.until(ended('JOB_FAILED', jobId));
  expect(progressIn(scene.events, jobId).at(-1)).toMatchObject({
    status: 'failed',
    failed_children: 1,
    cancelled_children: 9,
  });
  const [end] = scene.events.filter(({ type, payload }) => type === 'JOB_FAILED' && payload.job_id === jobId);
  expect(end?.payload).toMatchObject({ error: { error_code: 'too_many_failed' } });
  const commands = scene.events.filter(({ type }) => type === 'job_command');
  expect(commands.map(({ payload }) => payload)).toEqual([{ job_id: jobId, command: 'cancel' }]);
});

test('a retry whose manager died is carried out, and the parent runs again to its end', async () => {
  await scene.startExecutor();
  const jobId = await create(sealedParent(3));
  const children = await claim(3);
  const reports = children.map(({ job_id, attempt }, index) => ({
    jobId: job_id,
    attempt,
    status: index === 0 ? ('completed' as const) : ('failed' as const),
  }));
  scene.tell((await scene.store.report(reports)).changes);
  await scene.until(ended('JOB_COMPLETED', jobId));
  scene.tell(await scene.store.requestRetryFailed(jobId));
  await scene.until(textIs('2 pending, 0 running, 1 completed, 0 failed'));
  await complete(await claim(3));
  await scene.until(textIs('0 pending, 0 running, 3 completed, 0 failed'));
  await scene.until(() => lifecycleOf(jobId).length === 4);
  expect(lifecycleOf(jobId)).toEqual(['JOB_STARTED', 'JOB_COMPLETED', 'JOB_STARTED', 'JOB_COMPLETED']);
  expect(progressIn(scene.events, jobId).at(-1)).toMatchObject({ status: 'completed' });
});

test('a retry that nobody was told of is found by the poll', async () => {
  const jobId = await create(sealedParent(1));
  const [child] = await claimUntold(1);
  if (!child) throw new Error('nothing was claimed');
  await scene.store.report([{ jobId: child.job_id, attempt: child.attempt, status: 'failed' }]);
  await scene.startExecutor({ env: { FOLD_POLL_INTERVAL_MS: '20' } });
  await scene.until(ended('JOB_FAILED', jobId));
  await scene.store.requestRetryFailed(jobId);
  await scene.until(textIs('1 pending, 0 running, 0 completed, 0 failed'));
  expect(await claimUntold(1)).toHaveLength(1);
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
