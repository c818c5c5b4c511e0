import type { Snapshots } from '@progeny/job-store';
import { jobId, OWNER, progress } from '../testing/events.ts';
import { ledgerOf } from '../testing/ledger-reads.ts';
import { createSnapshotReader } from './snapshot-reader.ts';

const [A, B, C] = [jobId(1), jobId(2), jobId(3)];
const turn = () => new Promise(setImmediate);

/** A store that answers when it is told to. */
function createScene({ standing = async () => {} } = {}) {
  const reads: {
    tenantId: string;
    ids: readonly string[];
    answer: (version: number) => void;
    fail: (error: Error) => void;
  }[] = [];
  const readOf = createSnapshotReader({
    standing,
    store: {
      as: ({ tenantId }) =>
        ledgerOf(
          (ids) =>
            new Promise<Snapshots>((resolve, fail) => {
              const answer = (version: number) =>
                resolve({
                  epoch: 'epoch-1',
                  snapshots: ids.map((id) => ({
                    ...OWNER,
                    kind: 'parent',
                    progress: progress(version, { id }).payload,
                    seq: 0,
                    lifecycle: [],
                  })),
                });
              reads.push({ tenantId, ids, answer, fail });
            }),
        ).as({ tenantId }),
    },
  });
  const read = (id: string) => readOf(OWNER.tenantId, id);
  const versionOf = async (id: string) => (await read(id)).found?.snapshot.progress.version;
  return { reads, read, readOf, versionOf };
}

test('ten thousand who ask for a job at once share one read and one frame', async () => {
  const { reads, read } = createScene();
  const asked = Array.from({ length: 10_000 }, () => read(A));
  await turn();
  expect(reads.map(({ ids }) => ids)).toEqual([[A]]);
  reads[0]?.answer(3);
  const frames = new Set((await Promise.all(asked)).map(({ found }) => found?.frames.state));
  expect(frames.size).toBe(1);
  expect([...frames][0]?.message.payload).toMatchObject({ job_id: A, version: 3 });
});

test('a read never answers who asked after it began', async () => {
  const { reads, versionOf } = createScene();
  const first = versionOf(A);
  await turn();
  const second = versionOf(A);
  reads[0]?.answer(1);
  expect(await first).toBe(1);
  await turn();
  expect(reads).toHaveLength(2);
  reads[1]?.answer(2);
  expect(await second).toBe(2);
});

test('nothing is read before what is published from then on will be heard', async () => {
  let stands = () => {};
  const { reads, read } = createScene({
    standing: () =>
      new Promise<void>((resolve) => {
        stands = resolve;
      }),
  });
  const asked = read(A);
  await turn();
  expect(reads).toEqual([]);
  stands();
  await turn();
  reads[0]?.answer(1);
  expect((await asked).epoch).toBe('epoch-1');
});

test('more jobs than one query reads are read one query after the other', async () => {
  const { reads, versionOf } = createScene();
  const asked = Array.from({ length: 1_001 }, (_, index) => versionOf(jobId(index)));
  for (const [at, size] of [500, 500, 1].entries()) {
    await turn();
    expect(reads.map(({ ids }) => ids.length).slice(at)).toEqual([size]);
    reads[at]?.answer(at);
  }
  expect((await Promise.all(asked)).at(-1)).toBe(2);
});

test('a failure reaches those who waited for it and nobody else, and later asks work', async () => {
  const { reads, versionOf } = createScene();
  const failing = [versionOf(A), versionOf(B)].map((one) => one.catch(String));
  await turn();
  const waiting = versionOf(C);
  reads[0]?.fail(new Error('away'));
  expect(await Promise.all(failing)).toEqual(['Error: away', 'Error: away']);
  await turn();
  reads[1]?.answer(2);
  expect(await waiting).toBe(2);
  const later = versionOf(A);
  await turn();
  reads[2]?.answer(3);
  expect(await later).toBe(3);
});

test('a job that there is not is answered with null', async () => {
  const read = createSnapshotReader({
    standing: async () => undefined,
    store: ledgerOf(async () => ({ epoch: 'epoch-1', snapshots: [] })),
  });
  expect(await read('acme', A)).toEqual({ epoch: 'epoch-1', found: null });
});

describe('tenants', () => {
  const tenantsOf = (reads: readonly { tenantId: string; ids: readonly string[] }[]) =>
    reads.map(({ tenantId, ids }) => [tenantId, ...ids]);

  test('are read each by itself, and the same job for each that asks for it', async () => {
    const { reads, readOf } = createScene();
    const asked = [readOf('acme', A), readOf('other', A), readOf('acme', B), readOf('acme', A)];
    await turn();
    expect(tenantsOf(reads)).toEqual([
      ['acme', A, B],
      ['other', A],
    ]);
    for (const [index, { answer }] of reads.entries()) answer(index + 1);
    const versions = (await Promise.all(asked)).map(({ found }) => found?.snapshot.progress.version);
    expect(versions).toEqual([1, 2, 1, 1]);
  });

  test('are read four at once, and the others in their turn', async () => {
    const { reads, readOf } = createScene();
    const asked = ['1', '2', '3', '4', '5', '6'].map((tenantId) => readOf(tenantId, A));
    await turn();
    expect(reads.map(({ tenantId }) => tenantId)).toEqual(['1', '2', '3', '4']);
    const again = readOf('1', B);
    reads[1]?.fail(new Error('away'));
    await expect(asked[1]).rejects.toThrow('away');
    await turn();
    expect(reads.map(({ tenantId }) => tenantId).slice(4)).toEqual(['5']);
    for (let at = 0; at < 7; at += 1) {
      reads[at]?.answer(1);
      await turn();
    }
    expect(tenantsOf(reads).slice(4)).toEqual([
      ['5', A],
      ['6', A],
      ['1', B],
    ]);
    expect((await again).found?.snapshot.progress.job_id).toBe(B);
  });
});
