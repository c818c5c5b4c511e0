import fc from 'fast-check';
import { ApiError } from '../api/api-error.ts';
import { createLiveList, type LiveList } from './live-list.ts';

interface TestRow {
  job_id: string;
  isOpen: boolean;
  version: number;
}

/** A server with rows in the order of their ids, and every request that it got. */
function createServer(order: 'oldest_first' | 'newest_first' = 'oldest_first') {
  const rows = new Map<string, TestRow>();
  const requests: { cursor: string | null; limit: number }[] = [];
  const idOf = (index: number) => `id-${String(index).padStart(6, '0')}`;
  const inOrder = (matches: (row: TestRow) => boolean) => {
    const found = [...rows.values()].filter(matches).sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
    return order === 'oldest_first' ? found : found.reverse();
  };
  return {
    rows,
    requests,
    set: (index: number, isOpen: boolean) => {
      const job_id = idOf(index);
      rows.set(job_id, { job_id, isOpen, version: (rows.get(job_id)?.version ?? 0) + 1 });
    },
    ids: (matches: (row: TestRow) => boolean = () => true) => inOrder(matches).map((row) => row.job_id),
    list: ({
      step = 50,
      filter,
    }: {
      step?: number;
      filter?: (row: TestRow) => boolean;
    } = {}): LiveList<TestRow> =>
      createLiveList({
        order,
        step,
        now: Date.now,
        mayChange: (row) => filter !== undefined || order === 'newest_first' || row.isOpen,
        isSame: (a, b) => a.version === b.version,
        fetchPage: async ({ cursor, limit }) => {
          requests.push({ cursor, limit });
          const all = inOrder(filter ?? (() => true));
          const from = cursor === null ? 0 : all.findIndex((row) => isBeyond(row.job_id, cursor));
          const found = from === -1 ? [] : all.slice(from);
          const page = found.slice(0, limit).map((row) => ({ ...row }));
          return { rows: page, nextCursor: found.length > limit ? (page.at(-1)?.job_id ?? null) : null };
        },
      }),
  };
  function isBeyond(id: string, cursor: string): boolean {
    return order === 'oldest_first' ? id > cursor : id < cursor;
  }
}

const idsOf = (list: LiveList<TestRow>) => list.getSnapshot().rows.map((row) => row.job_id);
const settle = (rounds = 12) => jest.advanceTimersByTimeAsync(rounds * 1_000);
let list: LiveList<TestRow>;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
});
afterEach(() => {
  list.stop();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('it starts with one step and grows by one on demand', async () => {
  const server = createServer();
  for (let index = 0; index < 120; index += 1) server.set(index, false);
  list = server.list();
  expect(list.getSnapshot().isLoaded).toBe(false);
  await settle(1);
  expect(list.getSnapshot()).toMatchObject({ isLoaded: true, hasMore: true });
  expect(idsOf(list)).toEqual(server.ids().slice(0, 50));
  list.loadMore();
  expect(list.getSnapshot().isLoadingMore).toBe(true);
  await settle();
  expect(idsOf(list)).toHaveLength(100);
  list.loadMore();
  await settle();
  expect(idsOf(list)).toEqual(server.ids());
  expect(list.getSnapshot()).toMatchObject({ hasMore: false, isLoadingMore: false });
});

test('a refresh reads from the first row that can still change', async () => {
  const server = createServer();
  for (let index = 0; index < 40; index += 1) server.set(index, index >= 30);
  list = server.list();
  await settle(1);
  server.requests.length = 0;
  server.set(30, false);
  list.refresh();
  await settle();
  expect(server.requests).toEqual([{ cursor: 'id-000029', limit: 20 }]);
  expect(list.getSnapshot().rows[30]).toMatchObject({ isOpen: false });
});

test('rows that did not change keep their identity, so that they are not rendered again', async () => {
  const server = createServer();
  for (let index = 0; index < 3; index += 1) server.set(index, true);
  list = server.list();
  await settle(1);
  const [first, second] = list.getSnapshot().rows;
  server.set(1, false);
  list.refresh();
  await settle();
  expect(list.getSnapshot().rows[0]).toBe(first);
  expect(list.getSnapshot().rows[1]).not.toBe(second);
});

test('a row that no longer matches the filter leaves, one that does now comes in between', async () => {
  const server = createServer();
  for (let index = 0; index < 6; index += 1) server.set(index, index % 2 === 0);
  list = server.list({ filter: (row) => row.isOpen });
  await settle(1);
  server.set(2, false);
  server.set(3, true);
  list.refresh();
  await settle();
  expect(idsOf(list)).toEqual(['id-000000', 'id-000003', 'id-000004']);
});

test('a new job comes in at the top of a list that has the newest first', async () => {
  const server = createServer('newest_first');
  for (let index = 0; index < 5; index += 1) server.set(index, false);
  list = server.list({ step: 3 });
  await settle(1);
  server.set(9, true);
  list.refresh();
  await settle();
  expect(idsOf(list)).toEqual(['id-000009', 'id-000004', 'id-000003']);
  expect(list.getSnapshot().hasMore).toBe(true);
});

test('more rows than one request may ask for are read window after window, each once a round', async () => {
  const server = createServer();
  for (let index = 0; index < 460; index += 1) server.set(index, true);
  list = server.list({ step: 450 });
  await settle();
  const windows = [
    { cursor: null, limit: 200 },
    { cursor: 'id-000199', limit: 200 },
    { cursor: 'id-000399', limit: 50 },
  ];
  expect(server.requests).toEqual(windows);
  expect(idsOf(list)).toEqual(server.ids().slice(0, 450));
  list.refresh();
  await settle();
  expect(server.requests).toEqual([...windows, ...windows]);
});

test('a row beyond the last one shown is announced and not shown', async () => {
  const server = createServer();
  for (let index = 0; index < 3; index += 1) server.set(index, false);
  list = server.list({ step: 3 });
  await settle(1);
  expect(list.getSnapshot().hasMore).toBe(false);
  server.set(3, true);
  list.refresh();
  await settle();
  expect(list.getSnapshot().hasMore).toBe(true);
  expect(idsOf(list)).toHaveLength(3);
});

test('a refresh asked for while a long round is under way is not lost', async () => {
  const server = createServer();
  for (let index = 0; index < 450; index += 1) server.set(index, true);
  list = server.list({ step: 450 });
  await settle();
  list.refresh();
  await jest.advanceTimersByTimeAsync(1_100);
  server.set(0, false);
  list.refresh();
  await settle();
  expect(list.getSnapshot().rows[0]).toMatchObject({ isOpen: false });
});

test('a server that refuses is not asked again by itself, what was shown stays, and a later reading forgets it', async () => {
  let answer = (): { rows: TestRow[]; nextCursor: null } => ({
    rows: [{ job_id: 'a', isOpen: true, version: 1 }],
    nextCursor: null,
  });
  let requests = 0;
  list = createLiveList<TestRow>({
    order: 'oldest_first',
    step: 50,
    now: Date.now,
    mayChange: () => true,
    isSame: () => false,
    fetchPage: async () => {
      requests += 1;
      return answer();
    },
  });
  await settle(1);
  const allowed = answer;
  answer = () => {
    throw new ApiError({ type: 'about:blank', title: 'Not for you', status: 403, code: 'forbidden' });
  };
  list.refresh();
  await settle(60);
  expect(requests).toBe(2);
  expect(list.getSnapshot()).toMatchObject({ refusal: 'Not for you', isLoaded: true });
  expect(idsOf(list)).toEqual(['a']);
  answer = allowed;
  list.refresh();
  await settle();
  expect(list.getSnapshot().refusal).toBeNull();
});

test('whatever happens on the server, after a refresh the list shows the head of it', async () => {
  const change = fc.record({ index: fc.nat(400), isOpen: fc.boolean() });
  const settings = fc.record({ step: fc.integer({ min: 1, max: 300 }), isFiltered: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(fc.array(change, { maxLength: 80 }), { maxLength: 4 }),
      async ({ step, isFiltered }, batches) => {
        const server = createServer();
        const filter = isFiltered ? (row: TestRow) => row.isOpen : undefined;
        list = server.list({ step, ...(filter && { filter }) });
        const ended = new Set<number>();
        for (const batch of batches) {
          // As in the product: new rows come at the end, and without a filter an ended row does not change.
          for (const { index, isOpen } of batch) {
            const isBirth = !server.rows.has(`id-${String(index).padStart(6, '0')}`);
            if (isBirth && index < server.rows.size) continue;
            const at = isBirth ? server.rows.size : index;
            if (!isFiltered && ended.has(at)) continue;
            server.set(at, isOpen);
            if (!isOpen) ended.add(at);
          }
          list.refresh();
          await settle(20);
          const head = server.ids(filter).slice(0, step);
          expect(idsOf(list)).toEqual(head);
          for (const row of list.getSnapshot().rows) {
            expect(row.version).toBe(server.rows.get(row.job_id)?.version);
          }
          expect(list.getSnapshot().hasMore).toBe(server.ids(filter).length > step);
        }
        list.stop();
      },
    ),
    { numRuns: 60 },
  );
});
