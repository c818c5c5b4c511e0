import type { ParentJobProgress } from '@progeny/contract';
import type { JobStore } from '@progeny/job-store';
import { createMemoryHarness, newParent, numbered } from '@progeny/job-store/contract-suite';
import { createLog } from '@progeny/kit';
import { Frame } from '../hub/frame.ts';
import { createHub } from '../hub/hub.ts';
import { stateIn } from '../hub/snapshot-facts.ts';
import { createSession } from '../session/session.ts';
import { createSnapshotReader } from '../session/snapshot-reader.ts';
import { briefly, createFakeReader, OWNER } from '../testing/events.ts';
import { createHandClock } from '../testing/hand-clock.ts';
import { rereading } from '../testing/ledger-reads.ts';
import { type BackupPoll, createBackupPoll } from './backup-poll.ts';

const SILENT_FOR_MS = 30_000;

/** A gateway without transport and without events: whatever a peer hears after its snapshot comes from the poll. */
async function createScene() {
  const { store } = await createMemoryHarness();
  const nowMs = Date.parse('2030-01-01T00:00:00Z');
  const clock = createHandClock(nowMs);
  const hub = createHub({ clock, onWatched: () => () => undefined, onGap: () => undefined });
  const peer = createFakeReader();
  const session = createSession({
    hub,
    readSnapshot: createSnapshotReader({ store, standing: async () => undefined }),
    log: createLog({ service: 'test', level: 'silent' }),
  });
  let delivered = 0;
  hub.join(peer);

  const create = async (count = 1) => {
    const { job } = await store.createParent(newParent(numbered(count), { sealed: true }));
    return job.job_id;
  };
  /** A poll that remembers what it read, at a time that can be set. */
  const createPoll = (from: JobStore = store) => {
    let atMs = nowMs;
    const { poll }: BackupPoll = createBackupPoll({
      hub,
      store: from,
      silentForMs: SILENT_FOR_MS,
      now: () => atMs,
      onDelivered: () => {
        delivered += 1;
      },
    });
    return ({ laterMs = SILENT_FOR_MS, everything = false } = {}) => {
      atMs = nowMs + laterMs;
      return poll({ everything });
    };
  };
  const backup = createBackupPoll({
    hub,
    store,
    silentForMs: SILENT_FOR_MS,
    now: () => nowMs,
    onDelivered: () => undefined,
  });
  return {
    store,
    hub,
    backup,
    clock,
    peer,
    create,
    delivered: () => delivered,
    subscribe: (...ids: string[]) => session.subscribe(peer, ids),
    async work(parentId: string) {
      const { children } = await store.claim({
        workerId: 'w',
        jobTypes: ['task'],
        limit: 100,
        leaseMs: 1_000,
      });
      await store.fold([parentId]);
      await store.report(
        children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' as const })),
      );
      return store.fold([parentId]);
    },
    createPoll,
    /** The first poll of another gateway. */
    poll: ({ laterMs = SILENT_FOR_MS, from = store } = {}) => createPoll(from)({ laterMs }),
  };
}

async function stateOf(store: JobStore, jobId: string): Promise<ParentJobProgress> {
  const [snapshot] = (await store.readSnapshots([jobId])).snapshots;
  if (snapshot?.kind !== 'parent') throw new Error('no such parent');
  return snapshot.progress;
}

test('what no event told is delivered once, in order, and counted', async () => {
  const { create, subscribe, work, poll, peer, delivered } = await createScene();
  const jobId = await create();
  await subscribe(jobId);
  await work(jobId);
  peer.messages.length = 0;
  await poll();
  expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v4', 'JOB_COMPLETED 2']);
  expect(delivered()).toBe(3);
  await poll({ laterMs: 10 * SILENT_FOR_MS });
  expect(peer.messages).toHaveLength(3);
  expect(delivered()).toBe(3);
});

test('a job that was told of in time is left alone', async () => {
  const { create, subscribe, store, work, poll, peer, hub, clock } = await createScene();
  const jobId = await create();
  await subscribe(jobId);
  const first = await stateOf(store, jobId);
  clock.move(1_000);
  hub.deliver({ type: 'parent_job_progress', payload: { ...first, version: 3 }, timestamp: '' }, OWNER);
  await work(jobId);
  peer.messages.length = 0;
  await poll();
  expect(peer.messages).toEqual([]);
  await poll({ laterMs: SILENT_FOR_MS + 1_000 });
  expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v4', 'JOB_COMPLETED 2']);
});

test('an end whose numbers had come is delivered alone', async () => {
  const { create, subscribe, work, poll, peer, hub, delivered } = await createScene();
  const jobId = await create();
  await subscribe(jobId);
  const [result] = await work(jobId);
  if (!result) throw new Error('nothing was folded');
  hub.deliver({ type: 'parent_job_progress', payload: result.progress, timestamp: '' }, OWNER);
  peer.messages.length = 0;
  await poll();
  expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'JOB_COMPLETED 2']);
  expect(delivered()).toBe(2);
});

test('an end is not told before the numbers that it ended with, though the job ends while the poll reads', async () => {
  const { create, subscribe, store, work, createPoll, peer } = await createScene();
  const jobId = await create(2);
  await subscribe(jobId);
  const { children } = await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 });
  await store.fold([jobId]);
  peer.messages.length = 0;
  let isFirst = true;
  const onceOld = createPoll(
    rereading(store, async (ids, readSnapshots) => {
      const read = await readSnapshots(ids);
      if (!isFirst) return read;
      isFirst = false;
      await store.report(
        children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'completed' })),
      );
      await work(jobId);
      return read;
    }),
  );
  await onceOld();
  expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v3']);
  await onceOld({ laterMs: 3 * SILENT_FOR_MS });
  expect(briefly(peer).slice(2)).toEqual(['v5', 'JOB_COMPLETED 2']);
});

test('a job that ended before it was subscribed to is not told again', async () => {
  const { create, subscribe, work, poll, peer, delivered } = await createScene();
  const jobId = await create();
  await work(jobId);
  await subscribe(jobId);
  expect(briefly(peer)).toEqual(['subscribed', 'v4']);
  await poll();
  expect(peer.messages).toHaveLength(2);
  expect(delivered()).toBe(0);
});

describe('a job that is retried', () => {
  const fail = async (store: JobStore, jobId: string) => {
    const { children } = await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 10, leaseMs: 60_000 });
    await store.fold([jobId]);
    const error = { error_code: 'broken', user_message: 'It broke.', technical_detail: '' };
    await store.report(
      children.map(({ job_id, attempt }) => ({ jobId: job_id, attempt, status: 'failed' as const, error })),
    );
    await store.fold([jobId]);
  };
  const retry = async (store: JobStore, jobId: string) => {
    await store.requestRetryFailed(jobId);
    await store.sweep(jobId, 10);
    await store.fold([jobId]);
  };

  test('is found by who watches it by name, with the start of its new run before its counts', async () => {
    const { create, subscribe, store, poll, peer, clock } = await createScene();
    const jobId = await create();
    await subscribe(jobId);
    await fail(store, jobId);
    await poll();
    peer.messages.length = 0;
    await retry(store, jobId);
    clock.move(1_000);
    await poll({ laterMs: 2 * SILENT_FOR_MS });
    const [first, ...rest] = briefly(peer);
    expect(first).toBe('JOB_STARTED 3');
    expect(rest).toHaveLength(1);
    expect(peer.messages.at(-1)?.payload).toMatchObject({ job_id: jobId, status: 'running' });
  });

  test('is found by who watches everything, though its end was told', async () => {
    const { create, store, createPoll, peer } = await createScene();
    const poll = createPoll();
    const jobId = await create();
    await fail(store, jobId);
    await poll({ laterMs: SILENT_FOR_MS + 1_000 });
    expect(briefly(peer).at(-1)).toBe('JOB_FAILED 2');
    await retry(store, jobId);
    await poll({ laterMs: 2 * SILENT_FOR_MS + 1_000 });
    expect(briefly(peer)).toContain('JOB_STARTED 3');
  });

  test('and ended again while the bus was away is read when that is back', async () => {
    const { create, store, work, createPoll, peer } = await createScene();
    const poll = createPoll();
    const jobId = await create();
    await fail(store, jobId);
    await poll({ laterMs: SILENT_FOR_MS + 1_000 });
    await retry(store, jobId);
    await work(jobId);
    peer.messages.length = 0;
    await poll({ laterMs: 2 * SILENT_FOR_MS + 1_000 });
    expect(peer.messages).toEqual([]);
    await poll({ laterMs: 2 * SILENT_FOR_MS + 2_000, everything: true });
    expect(peer.messages.map(({ type }) => type)).toEqual([
      'JOB_STARTED',
      'parent_job_progress',
      'JOB_COMPLETED',
    ]);
  });
});

test('of a child that was watched its start, state and end are found, and counted once', async () => {
  const { create, subscribe, store, work, createPoll, peer, delivered } = await createScene();
  const jobId = await create();
  const { children } = await store.listChildren(jobId, { limit: 1 });
  const childId = children[0]?.job_id ?? '';
  await subscribe(childId);
  expect(briefly(peer).slice(1)).toEqual([expect.stringMatching(/^p/)]);
  peer.messages.length = 0;
  await work(jobId);
  const poll = createPoll();
  await poll();
  expect(peer.messages.map(({ type }) => type)).toEqual(['JOB_STARTED', 'JOB_PROGRESS', 'JOB_COMPLETED']);
  const counted = delivered();
  await poll({ laterMs: 3 * SILENT_FOR_MS });
  expect([peer.messages.length, delivered()]).toEqual([3, counted]);
});

test('a job that was deleted is watched no longer, and who watched it by name is told', async () => {
  const { create, subscribe, store, work, hub, createPoll, peer } = await createScene();
  const [jobId, other] = [await create(), await create()];
  await subscribe(jobId, other);
  await work(jobId);
  const poll = createPoll();
  await poll();
  peer.messages.length = 0;
  await store.deleteParent(jobId);
  await poll({ laterMs: 2 * SILENT_FOR_MS });
  expect(briefly(peer)).toEqual(['refused job_not_found']);
  expect(peer.messages[0]?.payload).toMatchObject({ job_ids: [jobId] });
  expect([[...hub.watchedBy(peer)], hub.passed(jobId)]).toEqual([[other], null]);
  await poll({ laterMs: 4 * SILENT_FOR_MS });
  expect(peer.messages).toHaveLength(1);
  await subscribe(jobId);
  expect(briefly(peer).slice(1)).toEqual(['refused job_not_found']);
});

test('a deletion is told to who watches the job or a child of it, and to who watches everything', async () => {
  const { backup, create, subscribe, work, peer, hub, store } = await createScene();
  const jobId = await create();
  await work(jobId);
  const [child] = (await store.listChildren(jobId, { limit: 1 })).children;
  const other = await create();
  await subscribe(jobId, child?.job_id ?? '', other);
  const all = createFakeReader();
  hub.join(all);
  const deleted = new Map([[jobId, OWNER]]);
  peer.messages.length = 0;
  await backup.lookForDeleted(deleted);
  expect([...hub.watchedBy(peer)]).toHaveLength(3);
  await store.deleteParent(jobId);
  peer.messages.length = 0;
  all.messages.length = 0;
  await backup.lookForDeleted(deleted);
  expect(peer.messages.map(({ payload }) => payload)).toMatchObject([
    { job_ids: [jobId], code: 'job_not_found', retryable: false },
    { job_ids: [child?.job_id], code: 'job_not_found' },
  ]);
  expect(all.messages.map(({ payload }) => payload)).toMatchObject([
    { job_ids: [jobId] },
    { job_ids: [child?.job_id] },
  ]);
  expect([...hub.watchedBy(peer)]).toEqual([other]);
});

/** The same store, which notes what is read of it. */
function noting(store: JobStore) {
  const asked: string[] = [];
  const from = rereading(store, (ids, read) => {
    asked.push(...ids);
    return read(ids);
  });
  return { from, asked };
}

test('a silent job is read once within the time, though nothing ever comes of it', async () => {
  const { create, subscribe, store, createPoll } = await createScene();
  const jobId = await create();
  await subscribe(jobId);
  const { from, asked } = noting(store);
  const poll = createPoll(from);
  const asksAt = async (laterMs: number) => {
    asked.length = 0;
    await poll({ laterMs });
    return asked.length;
  };
  expect(await asksAt(SILENT_FOR_MS)).toBe(1);
  expect(await asksAt(SILENT_FOR_MS + 1)).toBe(0);
  expect(await asksAt(2 * SILENT_FOR_MS - 1)).toBe(0);
  expect(await asksAt(2 * SILENT_FOR_MS)).toBe(1);
});

test('after a failure what was not read is read by the next poll', async () => {
  const { create, subscribe, store, createPoll } = await createScene();
  await subscribe(await create());
  const { from, asked } = noting(store);
  let isAway = true;
  const poll = createPoll(
    rereading(from, (ids, read) => (isAway ? Promise.reject(new Error('away')) : read(ids))),
  );
  await expect(poll()).rejects.toThrow('away');
  isAway = false;
  await poll();
  expect(asked).toHaveLength(1);
});

test('when the bus was away all that is watched is read, silent or not', async () => {
  const { create, subscribe, store, work, createPoll, peer, hub, clock } = await createScene();
  const poll = createPoll();
  const jobId = await create();
  await subscribe(jobId);
  const first = await stateOf(store, jobId);
  clock.move(9_000);
  const payload = { ...first, version: 3 };
  hub.deliver({ type: 'parent_job_progress', payload, timestamp: '' }, OWNER);
  await work(jobId);
  peer.messages.length = 0;
  await poll({ laterMs: 10_000 });
  expect(peer.messages).toEqual([]);
  await poll({ laterMs: 10_000, everything: true });
  expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v4', 'JOB_COMPLETED 2']);
});

test('more silent jobs than one query reads are all read', async () => {
  const { create, hub, store, work, poll, peer, subscribe } = await createScene();
  const ids: string[] = [];
  for (let index = 0; index < 501; index += 1) ids.push(await create(0));
  await subscribe(...ids.slice(0, 100));
  for (const id of ids.slice(100)) {
    const [snapshot] = (await store.readSnapshots([id])).snapshots;
    if (!snapshot) throw new Error('no such job');
    const state = new Frame(stateIn(snapshot, ''));
    hub.subscribe(peer, id).start({ snapshot, state, replay: [] });
  }
  peer.messages.length = 0;
  for (const id of ids) await work(id);
  await poll();
  expect(peer.messages.filter(({ type }) => type === 'JOB_COMPLETED')).toHaveLength(501);
});

describe('for those who watch everything', () => {
  test('more jobs than a page are found, though all came and went since the last look', async () => {
    const { create, work, createPoll, peer } = await createScene();
    const poll = createPoll();
    await poll();
    for (let index = 0; index < 450; index += 1) await work(await create());
    await poll({ laterMs: 2 * SILENT_FOR_MS });
    expect(peer.messages.filter(({ type }) => type === 'JOB_COMPLETED')).toHaveLength(450);
  });

  test('a running job of which no event came is delivered', async () => {
    const { create, store, poll, peer } = await createScene();
    const jobId = await create();
    await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 1, leaseMs: 1_000 });
    await store.fold([jobId]);
    // Its first events may be on their way.
    await poll({ laterMs: SILENT_FOR_MS - 1_000 });
    expect(peer.messages).toEqual([]);
    await poll({ laterMs: SILENT_FOR_MS + 1_000 });
    expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v3']);
  });

  test('so is one that ended since, but not the history from before', async () => {
    const { create, work, poll, peer } = await createScene();
    await work(await create());
    await poll({ laterMs: 3 * SILENT_FOR_MS });
    expect(peer.messages).toEqual([]);
    await poll({ laterMs: SILENT_FOR_MS + 1_000 });
    expect(briefly(peer)).toEqual(['JOB_STARTED 1', 'v4', 'JOB_COMPLETED 2']);
  });

  test('a job whose end was told is read no more', async () => {
    const { create, work, poll, hub, store, peer } = await createScene();
    await work(await create());
    await poll({ laterMs: SILENT_FOR_MS + 1_000 });
    expect(briefly(peer)).toContain('JOB_COMPLETED 2');
    const { from, asked } = noting(store);
    await poll({ laterMs: 10 * SILENT_FOR_MS, from });
    expect(asked).toEqual([]);
    expect([...hub.tenantsOfAll]).toEqual([OWNER.tenantId]);
  });
});
