import {
  type Command,
  type ProgenyEvent,
  TOPICS,
  type Topic,
  USER_HEADER,
  WORKER_ENDPOINTS,
  type WorkerEndpoint,
} from '@progeny/contract';
import type { Delivery, EventBus } from '@progeny/event-bus';
import { createTestKeys } from '@progeny/identity/testing';
import type { Owner } from '@progeny/job-store';
import { createManagerScene, type ManagerScene } from './testing/manager-scene.ts';
import { bearer, OWNERS } from './testing/people.ts';
import { until } from './testing/until.ts';

const keys = createTestKeys();

let scene: ManagerScene;
/** A parent of each owner with a child that runs, one that waits, and a nested parent that has one. */
let owned: { owner: Owner; parentId: string; runs: string; waits: string; nested: string; inner: string }[];
/** Everything that the manager tells. */
let heard: { event: ProgenyEvent; delivery: Delivery }[];

beforeEach(async () => {
  scene = await createManagerScene({ env: keys.env });
  heard = [];
  for (const topic of TOPICS) {
    scene.bus.subscribe<Topic>({ topic }, (event, delivery) => void heard.push({ event, delivery }));
  }
  owned = [];
  for (const claims of Object.values(OWNERS)) {
    const headers = bearer(await keys.sign(claims));
    const body = { type: 'custom', children: [{ key: 'runs' }, { key: 'waits' }] };
    const { job_id: parentId } = (await scene.post('/v1/jobs', body, headers)).body;
    const within = { type: 'custom', child_type: 'inner', parent_id: parentId, children: [{ key: 'inner' }] };
    const { job_id: nested } = (await scene.post('/v1/jobs', within, headers)).body;
    await scene.post(`/v1/jobs/${parentId}/seal`, undefined, headers);
    const { children } = await scene.store.listChildren(parentId, { limit: 10 });
    const [runs = '', waits = ''] = children.map(({ job_id }) => job_id);
    await scene.store.report([{ jobId: runs, status: 'running', attempt: 1 }]);
    const [inner] = (await scene.store.listChildren(nested, { limit: 1 })).children;
    const owner = { tenantId: claims.tenant_id, userId: claims.user_id };
    owned.push({ owner, parentId, runs, waits, nested, inner: inner?.job_id ?? '' });
  }
});
afterEach(() => scene.close());

/** By endpoint: a request about jobs of every tenant, and what shows that it was done. */
const ASKED: Record<WorkerEndpoint, (bus: EventBus) => Promise<unknown>> = {
  claim: async (bus) => {
    const { children } = await bus.request('claim', { worker_id: 'w', job_types: ['task'], limit: 10 });
    return children.map(({ parent_id }) => parent_id).sort();
  },
  report: async (bus) => {
    const reports = owned.map(({ runs }) => ({ job_id: runs, status: 'completed' as const, attempt: 1 }));
    return (await bus.request('report', { reports })).reports.map(({ outcome }) => outcome);
  },
  heartbeat: (bus) =>
    bus.request('heartbeat', { children: owned.map(({ waits }) => ({ job_id: waits, attempt: 1 })) }),
  progress: async (bus) => {
    const reports = owned.map(({ runs }) => ({ job_id: runs, progress: 10 }));
    return (await bus.request('progress', { reports })).outcomes;
  },
  command: async (bus) => {
    const command: Command = 'cancel';
    const replies = owned.map(({ parentId }) => bus.request('command', { job_id: parentId, command }));
    return (await Promise.all(replies)).map(({ job_id }) => job_id);
  },
  explain: async (bus) => {
    const replies = owned.map(({ parentId }) => bus.request('explain', { job_id: parentId }));
    return (await Promise.all(replies)).map(({ job_id }) => job_id);
  },
};

describe('whoever reaches the bus is trusted: nobody is asked who they are', () => {
  test.each(Object.keys(WORKER_ENDPOINTS) as WorkerEndpoint[])(
    '%s is done for jobs of every tenant',
    async (endpoint) => {
      const parentIds = owned.map(({ parentId }) => parentId);
      const waits = owned.map(({ waits }) => waits);
      const expected: Record<WorkerEndpoint, unknown> = {
        claim: parentIds.toSorted(),
        report: ['applied', 'applied', 'applied'],
        // None of them was claimed, and so none is held.
        heartbeat: { lost: expect.arrayContaining(waits) },
        progress: ['applied', 'applied', 'applied'],
        command: parentIds,
        explain: parentIds,
      };
      expect(await ASKED[endpoint](scene.bus)).toEqual(expected[endpoint]);
    },
  );

  test('over HTTP a worker by its role has the same but commands, which people give over routes of their own', async () => {
    const headers = bearer(await keys.sign({ tenant_id: 'third', user_id: 'bot', role: 'worker' }));
    const answers = await Promise.all(
      Object.keys(WORKER_ENDPOINTS).map(async (endpoint) => {
        const { problem } = await scene.post(`/v1/workers/${endpoint}`, {}, headers);
        return [endpoint, problem.code];
      }),
    );
    expect(Object.fromEntries(answers)).toEqual({
      claim: 'invalid_request',
      report: 'invalid_request',
      heartbeat: 'invalid_request',
      progress: 'invalid_request',
      command: 'route_not_found',
      explain: 'route_not_found',
    });
  });
});

/** The nested parents that were told of as stopped. */
const stopped = () =>
  owned.filter(({ nested }) =>
    scene.changes.some(({ job_id, from, to }) => job_id === nested && from === to),
  );

test('whatever is told of a job is told to its tenant and says its user, whoever caused it', async () => {
  const events = [{ event: 'pipeline_started' as const }];
  const reports = owned.map(({ runs }) => ({ job_id: runs, progress: 10, events }));
  await scene.bus.request('progress', { reports });
  await ASKED.command(scene.bus);
  await scene.untilChanged('cancelled', 6);
  await until(() => stopped().length === owned.length);
  await scene.bus.flush();
  const topics = new Set(heard.map(({ delivery }) => delivery.topic));
  // The progress of parents is told by whoever folds them.
  expect([...topics].sort()).toEqual(TOPICS.filter((topic) => topic !== 'parent_job_progress').toSorted());
  for (const { event, delivery } of heard) {
    const { job_id: jobId } = event.payload;
    const of = owned.find(({ owner: _, ...ids }) => Object.values(ids).includes(jobId));
    expect(of).toBeDefined();
    expect(delivery.tenantId).toBe(of?.owner.tenantId);
    expect(delivery.headers[USER_HEADER]).toBe(of?.owner.userId);
  }
});
