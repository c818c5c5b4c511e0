import { ROLES, type Role, type ServerMessage } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import type { Owner } from '@progeny/job-store';
import { lifecycle, progress, jobId as unknownId } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import type { TestClient } from '../testing/test-client.ts';

const keys = createTestKeys();
const UNKNOWN = unknownId(404);
const OWNERS: Owner[] = ['acme', 'other'].flatMap((tenantId) =>
  ['ann', 'bob'].map((userId) => ({ tenantId, userId })),
);
const PEOPLE = OWNERS.flatMap((owner) => ROLES.map((role) => [owner.tenantId, owner.userId, role] as const));

let scene: GatewayScene;
/** One of each owner, in their order. */
let jobs: string[];

beforeAll(async () => {
  scene = await createGatewayScene({ env: keys.env });
  jobs = [];
  for (const owner of OWNERS) jobs.push(await scene.create(1, owner));
});

afterAll(() => scene.close());

const authorization = async (tenantId: string, userId: string, role: Role) =>
  `Bearer ${await keys.sign({ tenant_id: tenantId, user_id: userId, role })}`;

/** The rule once more, in other words: operators see their tenant, everybody else what is theirs. */
const seenBy = (tenantId: string, userId: string, role: Role): string[] =>
  jobs.filter((_, index) => {
    const owner = OWNERS[index];
    if (owner?.tenantId !== tenantId) return false;
    return role === 'operator' ? true : owner.userId === userId;
  });

const jobsIn = (messages: readonly ServerMessage[]) =>
  messages.flatMap(({ payload }) => ('job_id' in payload ? [payload.job_id] : []));

let version = 100;

/** Something of everybody's job, and of the reader's own last, so that it knows when all that is for it has come. */
function tellAll(own: Owner): string {
  version += 1;
  const order = [...OWNERS.keys()].sort((a, b) => Number(OWNERS[a] === own) - Number(OWNERS[b] === own));
  for (const index of order) {
    const [owner, id] = [OWNERS[index], jobs[index]];
    if (owner && id !== undefined) {
      scene.publishOf(owner, lifecycle(version, { id }), progress(version, { id }));
    }
  }
  return jobs[order.at(-1) ?? 0] ?? '';
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
  while ((await client.next('parent_job_progress')).payload.job_id !== own) {}
};

test.each(PEOPLE)('%s/%s, %s: who watches everything gets what it may see', async (...who) => {
  const client = await connectAs(...who);
  await untilOwn(client, tellAll(ownerOf(who[0], who[1])));
  expect(new Set(jobsIn(client.messages))).toEqual(new Set(seenBy(...who)));
  client.socket.terminate();
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
  for (const _ of seen) await client.next('parent_job_progress');
  await untilOwn(client, tellAll(ownerOf(who[0], who[1])));
  expect(new Set(jobsIn(client.messages))).toEqual(new Set(seen));
  client.socket.terminate();
});

test.each(PEOPLE)('%s/%s, %s: a stream carries the same', async (...who) => {
  const headers = { authorization: await authorization(...who) };
  const seen = seenBy(...who);
  const named = await scene.stream(`/sse?${jobs.map((id) => `job_id=${id}`).join('&')}`, headers);
  const { payload } = await named.message('subscribed');
  expect(payload.jobs.map(({ job_id }) => job_id)).toEqual(seen);
  expect((await named.message('refused')).payload.job_ids).toEqual(jobs.filter((id) => !seen.includes(id)));
  named.response.destroy();
  const all = await scene.stream('/sse', headers);
  await all.message('welcome');
  const own = tellAll(ownerOf(who[0], who[1]));
  const got = new Set<string>();
  for (;;) {
    const entry = await all.next();
    for (const id of entry?.message ? jobsIn([entry.message]) : []) got.add(id);
    if (entry?.message?.type === 'parent_job_progress' && entry.message.payload.job_id === own) break;
  }
  expect(got).toEqual(new Set(seen));
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
      store: (store) => ({
        ...store,
        readSnapshots: (ids) => held.then(() => scene.store.readSnapshots(ids)),
      }),
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
