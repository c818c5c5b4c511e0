import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import type { JobStore, NewParent } from '@progeny/job-store';
import { Pool } from 'pg';
import { createPrismaJobStore } from './job-store-prisma.ts';
import { type BreakingLine, createBreakingLine } from './testing/breaking-line.ts';
import { readLedger, unbalanced } from './testing/ledger-snapshot.ts';

let database: TestDatabase;
let pool: Pool;
let line: BreakingLine;
/** Whose connections break. */
let store: JobStore;
/** Whose connections hold. */
let calm: JobStore;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Pool({ connectionString: database.url, max: 2 });
  line = await createBreakingLine(database.url, pool);
  store = openStore(line.url);
  calm = openStore(database.url);
});
afterAll(async () => {
  await store.close();
  await calm.close();
  await line.close();
  await pool.end();
  await database.drop();
});

const openStore = (databaseUrl: string) =>
  createPrismaJobStore({ databaseUrl, poolSize: 2, onIdleError: () => undefined });

// Few rows: faster than TRUNCATE.
const clear = () => pool.query('WITH deltas AS (DELETE FROM job_delta) DELETE FROM job');

const PATIENT = 60_000;

const inputs = (...keys: string[]) => keys.map((key) => ({ key, payload: { key } }));

const parent = (keys: string[], more: Partial<NewParent> = {}): NewParent => ({
  owner: { tenantId: 'acme', userId: 'ann' },
  type: 'custom',
  name: 'p',
  spec: {},
  childType: 'task',
  maxChildren: null,
  sealTimeoutMs: 60_000,
  priority: 0,
  failurePolicy: 'continue',
  deadlineMs: null,
  childTimeoutMs: null,
  children: inputs(...keys),
  sealed: false,
  ...more,
});

const create = async (keys: string[], more: Partial<NewParent> = {}) =>
  (await calm.createParent(parent(keys, more))).job.job_id;

const claim = (from: JobStore, limit = 100) =>
  from.claim({ workerId: 'w', jobTypes: ['task'], limit, leaseMs: 60_000 });

const completeClaimed = async (limit?: number) => {
  const { children } = await claim(calm, limit);
  await calm.report(children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })));
};

const failClaimed = async (limit?: number) => {
  const error = { error_code: 'gone', user_message: 'Gone.', technical_detail: '410' };
  const { children } = await claim(calm, limit);
  await calm.report(
    children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'failed', error })),
  );
};

/** A parent that has ended with two failed children of three. */
const createFailed = async () => {
  const id = await create(['a', 'b', 'c'], { sealed: true });
  await completeClaimed(1);
  await failClaimed();
  await calm.fold([id]);
  return id;
};

/** A parent with a child of its own, in an open one that has a plain child besides. */
const createNested = async (outer: Partial<NewParent> = {}) => {
  const outerId = await create(['plain'], outer);
  const innerId = await create(['a'], {
    name: 'inner',
    sealed: true,
    within: { parentId: outerId, key: 'inner' },
  });
  return { outerId, innerId };
};

/** The same, ended with everything failed. */
const createNestedFailed = async () => {
  const ids = await createNested();
  await failClaimed();
  await calm.seal(ids.outerId);
  await calm.fold([ids.innerId]);
  await calm.fold([ids.outerId]);
  return ids;
};

const expireLeases = () =>
  pool.query("UPDATE job SET lease_expires_at = now() - interval '1 s' WHERE lease_expires_at IS NOT NULL");

type Operation = (on: JobStore) => Promise<unknown>;

/** Each sets a scene and answers the operation that is to be disturbed in it. */
const OPERATIONS: Record<string, () => Promise<Operation>> = {
  createParent: async () => (on) =>
    on.createParent(parent(['a', 'b'], { idempotency: { key: 'once', fingerprint: 'f' } })),
  addChildren: async () => {
    const id = await create(['a']);
    return (on) => on.addChildren(id, inputs('a', 'b', 'c'));
  },
  seal: async () => {
    const id = await create(['a']);
    return (on) => on.seal(id);
  },
  requestCancel: async () => {
    const id = await create(['a']);
    return (on) => on.requestCancel(id);
  },
  expireSeals: async () => {
    const id = await create([], { sealTimeoutMs: 1_000 });
    await pool.query(
      `UPDATE job SET created_at = created_at - interval '1 h', updated_at = updated_at - interval '1 h'`,
    );
    await pool.query(
      `UPDATE parent_progress SET folded_at = folded_at - interval '1 h' WHERE job_id = '${id}'`,
    );
    return (on) => on.expireSeals(10);
  },
  claim: async () => {
    await create(['a', 'b']);
    return claim;
  },
  'report with found children, a retry and a failure': async () => {
    await create(['a', 'b', 'c', 'd'], { maxChildren: 6, sealed: true });
    const { children } = await claim(calm, 3);
    const [first, second, third] = children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt }));
    if (!first || !second || !third) throw new Error('three were to be claimed');
    const error = { error_code: 'gone', user_message: 'Gone.', technical_detail: '410' };
    return (on) =>
      on.report([
        {
          ...first,
          status: 'completed',
          result: { n: 1 },
          text: 'text',
          children: inputs('x', 'a', 'y', 'z'),
        },
        { ...second, status: 'failed', retryable: true, error },
        { ...third, status: 'failed', error },
        { ...first, status: 'failed', error },
      ]);
  },
  reapExpired: async () => {
    await create(['a', 'b', 'c']);
    await claim(calm, 2);
    await pool.query("UPDATE job SET attempt = 3 WHERE key = 'b'");
    await expireLeases();
    return (on) => on.reapExpired(10);
  },
  pause: async () => {
    const id = await create(['a']);
    return (on) => on.pause(id);
  },
  resume: async () => {
    const id = await create(['a']);
    await calm.pause(id);
    return (on) => on.resume(id);
  },
  'sweep of a cancel': async () => {
    const id = await create(['a', 'b', 'c']);
    await claim(calm, 1);
    await calm.requestCancel(id);
    return (on) => on.sweep(id, 10);
  },
  requestRetryFailed: async () => {
    const id = await createFailed();
    return (on) => on.requestRetryFailed(id);
  },
  'sweep of a retry': async () => {
    const id = await createFailed();
    await calm.requestRetryFailed(id);
    return (on) => on.sweep(id, 10);
  },
  'fold that reopens a parent': async () => {
    const id = await createFailed();
    await calm.requestRetryFailed(id);
    await calm.sweep(id, 10);
    return (on) => on.fold([id]);
  },
  retryChild: async () => {
    await createFailed();
    const { rows } = await pool.query("SELECT id FROM job WHERE key = 'b'");
    return (on) => on.retryChild(rows[0].id);
  },
  'fold that stops a parent with too many failures': async () => {
    const id = await create(['a', 'b', 'c'], {
      failurePolicy: 'fail_fast',
      sealed: true,
      deadlineMs: 60_000,
    });
    await failClaimed(1);
    return (on) => on.fold([id]);
  },
  expireDeadlines: async () => {
    await create(['a'], { deadlineMs: 60_000 });
    await pool.query("UPDATE parent_job SET deadline_at = now() - interval '1 s'");
    return (on) => on.expireDeadlines(10);
  },
  deleteEnded: async () => {
    await createFailed();
    return (on) => on.deleteEnded(-60_000, 10);
  },
  'fold that starts a parent': async () => {
    const id = await create(['a', 'b']);
    await claim(calm, 1);
    return (on) => on.fold([id]);
  },
  'fold that counts': async () => {
    const id = await create(['a', 'b']);
    await claim(calm, 1);
    await calm.fold([id]);
    await completeClaimed(1);
    return (on) => on.fold([id]);
  },
  'fold that ends one parent and counts another': async () => {
    const one = await create(['a', 'b'], { sealed: true });
    await completeClaimed();
    const other = await create(['c'], { name: 'q' });
    await claim(calm);
    return (on) => on.fold([one, other]);
  },
  'createParent within a paused one': async () => {
    const outerId = await create(['plain'], { maxChildren: 2 });
    await calm.pause(outerId);
    const within = { parentId: outerId, key: 'inner' };
    return (on) => on.createParent(parent(['a', 'b'], { name: 'inner', within }));
  },
  'fold that starts a nested parent': async () => {
    const { innerId } = await createNested();
    await claim(calm);
    return (on) => on.fold([innerId]);
  },
  'fold that ends a nested parent': async () => {
    const { outerId, innerId } = await createNested();
    await completeClaimed();
    await calm.fold([outerId]);
    return (on) => on.fold([innerId]);
  },
  'pause of a parent with a nested one': async () => {
    const { outerId } = await createNested();
    return (on) => on.pause(outerId);
  },
  'sweep that stops a nested parent': async () => {
    const { outerId } = await createNested();
    await calm.requestCancel(outerId);
    return (on) => on.sweep(outerId, 10);
  },
  'requestRetryFailed within one that has ended': async () => {
    const { innerId } = await createNestedFailed();
    return (on) => on.requestRetryFailed(innerId);
  },
  'sweep that has a nested parent retry': async () => {
    const { outerId } = await createNestedFailed();
    await calm.requestRetryFailed(outerId);
    return (on) => on.sweep(outerId, 10);
  },
  'deleteEnded with a nested one': async () => {
    await createNestedFailed();
    return (on) => on.deleteEnded(-60_000, 10);
  },
  'audit that finds nothing': async () => {
    await create(['a', 'b']);
    await claim(calm, 1);
    return (on) => on.audit(10);
  },
  'audit that corrects': async () => {
    await create(['a', 'b']);
    await claim(calm, 1);
    await pool.query('UPDATE parent_progress SET failed = failed + 1');
    return (on) => on.audit(10);
  },
};

/** What an operation says that it changed. */
function changesIn(result: unknown): unknown[] {
  if (Array.isArray(result)) return result.flatMap((one) => ('changes' in one ? one.changes : [one]));
  const { changes, drifted } = result as { changes?: unknown[]; drifted?: unknown[] };
  return changes ?? drifted ?? [];
}

test.each(Object.entries(OPERATIONS))(
  '%s: after whichever statement the connection dies, all or nothing of it is there, and trying again is as if it never had',
  async (name, setScene) => {
    await clear();
    const undisturbed = await setScene();
    const before = await readLedger(pool);
    await undisturbed(calm);
    const after = await readLedger(pool);
    expect(after).not.toEqual(before);
    await undisturbed(calm);
    const twice = await readLedger(pool);
    // An audit is a new look each time, with a version of its own; whatever else is done twice changes nothing.
    if (!name.startsWith('audit')) expect(twice).toEqual(after);

    let answersLost = 0;
    for (let statement = 1; ; statement += 1) {
      await clear();
      const operation = await setScene();
      line.breakAt(statement);
      const failure = await operation(store).then(
        () => null,
        (error: unknown) => error,
      );
      if (!line.mend()) {
        expect(failure).toBeNull();
        expect(statement).toBeGreaterThan(1);
        break;
      }
      expect(failure).toMatchObject({ name: 'StoreError', code: 'unavailable' });

      const left = await readLedger(pool);
      const isDone = JSON.stringify(left) === JSON.stringify(after);
      if (!isDone) expect(left).toEqual(before);
      const again = changesIn(await operation(store));
      expect(await readLedger(pool)).toEqual(isDone ? twice : after);
      if (!isDone) continue;
      answersLost += 1;
      expect(again).toEqual([]);
    }
    expect(answersLost).toBeGreaterThan(0);
    expect(unbalanced(after)).toEqual([]);
  },
  PATIENT,
);

test('children claimed in an answer that was lost are leased to nobody; the reaper gives them back, one try poorer', async () => {
  await clear();
  await create(['a', 'b']);
  // The first looks which priorities wait.
  line.breakAt(2);
  await expect(claim(store)).rejects.toMatchObject({ code: 'unavailable' });
  expect(line.mend()).toBe(true);

  expect((await claim(store)).children).toEqual([]);
  expect(await calm.reapExpired(10)).toEqual([]);
  await expireLeases();
  expect((await calm.reapExpired(10)).map(({ from, to }) => [from, to])).toEqual([
    ['running', 'pending'],
    ['running', 'pending'],
  ]);
  const { children } = await claim(store);
  expect(children.map(({ key, attempt }) => [key, attempt])).toEqual([
    ['a', 2],
    ['b', 2],
  ]);
  expect(unbalanced(await readLedger(pool))).toEqual([]);
});

test('a report whose answer was lost is told to be a duplicate, and its children are not found twice', async () => {
  await clear();
  await create(['a'], { sealed: true });
  const [claimed] = (await claim(calm)).children;
  if (!claimed) throw new Error('one was to be claimed');
  const report = { jobId: claimed.job_id, attempt: 1, status: 'completed' as const, children: inputs('x') };
  for (let statement = 1; ; statement += 1) {
    line.breakAt(statement);
    await expect(store.report([report])).rejects.toMatchObject({ code: 'unavailable' });
    expect(line.mend()).toBe(true);
    if ((await calm.getJob(claimed.job_id))?.status === 'completed') break;
  }
  const { answers, changes } = await store.report([report]);
  expect([answers.map(({ outcome }) => outcome), changes]).toEqual([['duplicate'], []]);
  expect((await readLedger(pool)).children.map(({ key }) => key)).toEqual(['a', 'x']);
});
