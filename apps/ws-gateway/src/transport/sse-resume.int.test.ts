import type { JobStore } from '@progeny/job-store';
import { jobId, lifecycle, step } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';

let scene: GatewayScene;
let ids: string[];

beforeEach(async () => {
  scene = await createGatewayScene();
  ids = [await scene.create(), await scene.create()];
  // Two lifecycle events of each: the second of them is the end.
  for (const id of ids) await end(scene.store, id);
});

afterEach(() => scene.close());

async function end(store: JobStore, id: string): Promise<void> {
  await store.claim({ workerId: 'w', jobTypes: ['task'], limit: 10, leaseMs: 60_000 });
  await store.fold([id]);
  await store.requestCancel(id);
  await store.sweep(id, 10);
  await store.fold([id]);
  await store.fold([id]);
}

const path = () => `/sse?${ids.map((id) => `job_id=${id}`).join('&')}`;

const open = (lastEventId?: string) =>
  scene.stream(path(), lastEventId === undefined ? {} : { 'last-event-id': lastEventId });

/** How the stream of a client with this id begins: what it was told of each job, by `seq`, and what was replayed. */
async function begins(lastEventId?: string) {
  const stream = await open(lastEventId);
  const subscribed = await stream.message('subscribed');
  const replayed: string[] = [];
  const [first] = ids;
  if (first === undefined) throw new Error('no job');
  // What is told live comes after whatever is replayed.
  scene.publish(step(900, { id: first }));
  let id = subscribed.id;
  for (;;) {
    const entry = await stream.next();
    const { message } = entry ?? {};
    if (message?.type === 'pipeline_event') break;
    if (message && 'seq' in message.payload)
      replayed.push(`${ids.indexOf(message.payload.job_id)}:${message.payload.seq}`);
    id = entry?.id ?? id;
  }
  stream.response.destroy();
  return { recovered: subscribed.payload.jobs.map((job) => job.recovered), replayed, id };
}

const epochOf = async () => (await scene.store.readSnapshots([])).epoch;
const seqsOf = async () => (await scene.store.readSnapshots(ids)).snapshots.map(({ seq }) => seq);

test('a new stream begins with snapshots, and its id says what those hold', async () => {
  const [epoch, seqs] = [await epochOf(), await seqsOf()];
  expect(await begins()).toEqual({
    recovered: [false, false],
    replayed: [],
    id: `${epoch}.${seqs.join('.')}`,
  });
});

test('Last-Event-ID resumes: what was missed of each job comes, once, and the id is where a new one would be', async () => {
  const [epoch, seqs] = [await epochOf(), await seqsOf()];
  const all = seqs.flatMap((seq, index) => Array.from({ length: seq }, (_, at) => `${index}:${at + 1}`));
  expect(all.length).toBeGreaterThanOrEqual(2);
  expect(await begins(`${epoch}.0.0`)).toEqual({
    recovered: [true, true],
    replayed: all,
    id: `${epoch}.${seqs.join('.')}`,
  });
  expect((await begins(`${epoch}.${seqs.join('.')}`)).replayed).toEqual([]);
  expect((await begins(`${epoch}.0.${seqs[1]}`)).replayed).toEqual(
    all.filter((each) => each.startsWith('0:')),
  );
});

test('each id on the way is one to go on from', async () => {
  const epoch = await epochOf();
  const stream = await open(`${epoch}.0.0`);
  const seen: { id: string; left: number }[] = [];
  const total = (await seqsOf()).reduce((sum, seq) => sum + seq, 0);
  for (let count = 0; count < total; ) {
    const entry = await stream.next();
    if (entry?.message && 'seq' in entry.message.payload) count += 1;
    if (entry?.id !== undefined) seen.push({ id: entry.id, left: total - count });
  }
  stream.response.destroy();
  for (const { id, left } of seen) expect((await begins(id)).replayed).toHaveLength(left);
});

test.each([
  ['of another ledger', () => '00000000-0000-4000-8000-000000000000.1.1'],
  ['that is ahead of the ledger', (epoch: string) => `${epoch}.99.99`],
  ['of other jobs', (epoch: string) => `${epoch}.1`],
  ['that is no cursor', () => 'garbage'],
  ['with what is no number', (epoch: string) => `${epoch}.a.-1`],
  ['with numbers beyond all', (epoch: string) => `${epoch}.1e400.9007199254740993`],
  ['of nothing', () => ''],
  ['of dots alone', () => '...'],
  ['as long as a header may be', () => '1.'.repeat(4_000)],
])('an id %s gets snapshots alone, never half a replay', async (_, make) => {
  const epoch = await epochOf();
  const { recovered, replayed, id } = await begins(make(epoch));
  expect([recovered, replayed]).toEqual([[false, false], []]);
  expect(id).toBe(`${epoch}.${(await seqsOf()).join('.')}`);
});

test('after a restore of the ledger an id from before is void', async () => {
  const { id } = await begins();
  await scene.harness.renewEpoch();
  expect((await begins(id)).recovered).toEqual([false, false]);
});

test('a stream of everything has no id, and cannot be resumed', async () => {
  const stream = await scene.stream('/sse', { 'last-event-id': `${await epochOf()}.1` });
  scene.publish(lifecycle(1, { id: jobId(5) }));
  expect((await stream.message('JOB_STARTED')).id).toBeUndefined();
});
