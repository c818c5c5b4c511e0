import { ROLES, type Role, type ServerMessage } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import type { Owner } from '@progeny/job-store';
import { jobProgress, lifecycle, progress, step, jobId as unknownId } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import { rereading } from '../testing/ledger-reads.ts';
import type { StreamClient } from '../testing/stream-client.ts';
import type { TestClient } from '../testing/test-client.ts';

const keys = createTestKeys();
const UNKNOWN = unknownId(404);
const OWNERS: Owner[] = ['acme', 'other'].flatMap((tenantId) =>
  ['ann', 'bob'].map((userId) => ({ tenantId, userId })),
);
const PEOPLE = OWNERS.flatMap((owner) => ROLES.map((role) => [owner.tenantId, owner.userId, role] as const));

let scene: GatewayScene;
/** One of each owner, in their order. */
let parents: string[];
/** Of each of them one, in the same order. */
let children: string[];
let jobs: string[];

beforeAll(async () => {
  scene = await createGatewayScene({ env: keys.env });
  parents = [];
  for (const owner of OWNERS) parents.push(await scene.create(1, owner));
  children = [];
  for (const parent of parents) {
    const [child] = (await scene.store.listChildren(parent, { limit: 1 })).children;
    children.push(child?.job_id ?? '');
  }
  jobs = [...parents, ...children];
});

afterAll(() => scene.close());

const authorization = async (tenantId: string, userId: string, role: Role) =>
  `Bearer ${await keys.sign({ tenant_id: tenantId, user_id: userId, role })}`;

/** The rule once more, in other words: operators see their tenant, everybody else what is theirs. */
const seenBy = (tenantId: string, userId: string, role: Role): string[] =>
  jobs.filter((_, index) => {
    const owner = OWNERS[index % OWNERS.length];
    if (owner?.tenantId !== tenantId) return false;
    return role === 'operator' ? true : owner.userId === userId;
  });

const stepsIn = (messages: readonly ServerMessage[]) =>
  messages.flatMap(({ type, payload }) => (type === 'pipeline_event' ? [payload.job_id] : []));

const jobsIn = (messages: readonly ServerMessage[]) =>
  messages.flatMap(({ payload }) => ('job_id' in payload ? [payload.job_id] : []));

let version = 100;

/** Something of everybody's job, and of the reader's own last, so that it knows when all that is for it has come. */
function tellAll(own: Owner): string {
  version += 1;
  const order = [...OWNERS.keys()].sort((a, b) => Number(OWNERS[a] === own) - Number(OWNERS[b] === own));
  for (const index of order) {
    const [owner, id, child] = [OWNERS[index], parents[index], children[index]];
    if (owner && id !== undefined && child !== undefined) {
      const of = { id: child, parentId: id };
      scene.publishOf(owner, lifecycle(version, of), jobProgress(version, of), step(version, of));
      scene.publishOf(owner, lifecycle(version, { id }), step(version, { id }), progress(version, { id }));
    }
  }
  return parents[order.at(-1) ?? 0] ?? '';
}

const ownerOf = (tenantId: string, userId: string): Owner => {
  const owner = OWNERS.find((each) => each.tenantId === tenantId && each.userId === userId);
  if (!owner) throw new Error('nobody');
  return owner;
};

const connectAs = async (...who: readonly [string, string, Role]): Promise<TestClient> => {
  const client = await scene.connect({ headers: { authorization: await authorization(...who) } });
  await client.next('welcome');
  return client;
};

const untilOwn = async (client: TestClient, own: string) => {
  for (;;) {
    const { payload } = await client.next('parent_job_progress');
    if (payload.job_id === own && payload.version === version) return;
  }
};

/** Everything up to the progress of this job that was told last. */
async function messagesUntil(stream: StreamClient, own: string): Promise<ServerMessage[]> {
  const messages: ServerMessage[] = [];
  for (;;) {
    const entry = await stream.next();
    if (!entry) throw new Error('the stream has ended');
    const { message } = entry;
    if (!message) continue;
    messages.push(message);
    const { type, payload } = message;
    if (type === 'parent_job_progress' && payload.job_id === own && payload.version === version)
      return messages;
  }
}
const jobsUntil = async (stream: StreamClient, own: string) => jobsIn(await messagesUntil(stream, own));

test.each(PEOPLE)('%s/%s, %s: who watches everything gets what it may see', async (...who) => {
  const client = await connectAs(...who);
  await untilOwn(client, tellAll(ownerOf(who[0], who[1])));
  expect(new Set(jobsIn(client.messages))).toEqual(new Set(seenBy(...who)));
  expect(stepsIn(client.messages)).toEqual([]);
  client.socket.terminate();
});

test.each(PEOPLE)('%s/%s, %s: who takes parents alone gets those that it may see', async (...who) => {
  const client = await connectAs(...who);
  client.say({ type: 'narrow', payload: { to: 'parents' } });
  await client.settled();
  const stream = await scene.stream('/sse?only=parents', { authorization: await authorization(...who) });
  await stream.message('welcome');
  const own = tellAll(ownerOf(who[0], who[1]));
  await untilOwn(client, own);
  const seen = new Set(seenBy(...who).filter((id) => parents.includes(id)));
  expect(new Set(jobsIn(client.messages))).toEqual(seen);
  expect(new Set(await jobsUntil(stream, own))).toEqual(seen);
  client.socket.terminate();
  stream.response.destroy();
});

test.each(PEOPLE)('%s/%s, %s: of named jobs it gets those, and the others are unknown', async (...who) => {
  const client = await connectAs(...who);
  const seen = seenBy(...who);
  client.subscribe(...jobs, UNKNOWN);
  const { payload } = await client.next('subscribed');
  expect(payload.jobs.map(({ job_id }) => job_id)).toEqual(seen);
  expect((await client.next('refused')).payload).toMatchObject({
    code: 'job_not_found',
    retryable: false,
    job_ids: [...jobs, UNKNOWN].filter((id) => !seen.includes(id)),
  });
  for (const id of seen) await client.next(parents.includes(id) ? 'parent_job_progress' : 'JOB_PROGRESS');
  await untilOwn(client, tellAll(ownerOf(who[0], who[1])));
  expect(new Set(jobsIn(client.messages))).toEqual(new Set(seen));
  expect(new Set(stepsIn(client.messages))).toEqual(new Set(seen));
  client.socket.terminate();
});

test.each(PEOPLE)('%s/%s, %s: a stream carries the same', async (...who) => {
  const headers = { authorization: await authorization(...who) };
  const seen = seenBy(...who);
  const named = await scene.stream(`/sse?${jobs.map((id) => `job_id=${id}`).join('&')}`, headers);
  const { payload } = await named.message('subscribed');
  expect(payload.jobs.map(({ job_id }) => job_id)).toEqual(seen);
  expect((await named.message('refused')).payload.job_ids).toEqual(jobs.filter((id) => !seen.includes(id)));
  const told = await messagesUntil(named, tellAll(ownerOf(who[0], who[1])));
  expect(new Set(jobsIn(told))).toEqual(new Set(seen));
  expect(new Set(stepsIn(told))).toEqual(new Set(seen));
  named.response.destroy();
  const all = await scene.stream('/sse', headers);
  await all.message('welcome');
  const own = tellAll(ownerOf(who[0], who[1]));
  const messages = await messagesUntil(all, own);
  expect(new Set(jobsIn(messages))).toEqual(new Set(seen));
  expect(stepsIn(messages)).toEqual([]);
  all.response.destroy();
});

test('a forbidden and an unknown job are answered alike, byte for byte, and silent alike', async () => {
  const client = await connectAs('acme', 'ann', 'user');
  const bytes: string[] = [];
  client.socket.on('message', (data) => bytes.push(data.toString()));
  const foreign = jobs.filter((id) => !seenBy('acme', 'ann', 'user').includes(id));
  for (const id of [UNKNOWN, ...foreign]) {
    client.say({ type: 'subscribe', payload: { job_ids: [id], epoch: 'x', after_seq: { [id]: 1 } } });
    await client.settled();
    await client.next('refused').catch(() => undefined);
  }
  const alike = new Set(
    bytes
      .filter((text) => !text.includes('"pong"'))
      .map((text) => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replace(/"timestamp":"[^"]*"/, '')),
  );
  expect(alike.size).toBe(1);
});

test.each(['everything', 'the job'])(
  'a stranger who asks for a job takes nothing from who watches %s',
  async (what) => {
    const own = jobs[0] ?? '';
    const owner = OWNERS[0] as Owner;
    const { promise: held, open } = gate();
    const slow = await createGatewayScene({
      env: keys.env,
      store: () => rereading(scene.store, (ids, read) => held.then(() => read(ids))),
    });
    const connect = async (...who: readonly [string, string, Role]) => {
      const client = await slow.connect({ headers: { authorization: await authorization(...who) } });
      await client.next('welcome');
      return client;
    };
    const [stranger, viewer] = [await connect('other', 'ann', 'user'), await connect('acme', 'ann', 'user')];
    stranger.subscribe(own);
    await stranger.settled();
    if (what === 'everything') {
      slow.publishOf(owner, progress(200, { id: own }));
      await untilVersion(viewer, 200);
    } else viewer.subscribe(own);
    await viewer.settled();
    open();
    await stranger.next('refused');
    slow.publishOf(owner, progress(300, { id: own }));
    await untilVersion(viewer, 300);
    await stranger.settled();
    expect(jobsIn(stranger.messages)).toEqual([]);
    await slow.close();
  },
);

function gate() {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

const untilVersion = async (client: TestClient, wanted: number) => {
  while ((await client.next('parent_job_progress')).payload.version < wanted) {}
};
