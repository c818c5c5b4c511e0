import type { Command } from '@progeny/contract';
import { BusError } from '@progeny/event-bus';
import { createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';

let scene: ManagerScene;
beforeEach(async () => {
  scene = await createManagerScene();
});
afterEach(() => scene.close());

/** How a command comes over HTTP. */
const ROUTES: Record<Command, (jobId: string) => ['POST' | 'DELETE', string]> = {
  cancel: (jobId) => ['POST', `/v1/jobs/${jobId}/cancel`],
  pause: (jobId) => ['POST', `/v1/jobs/${jobId}/pause`],
  resume: (jobId) => ['POST', `/v1/jobs/${jobId}/resume`],
  retry_failed: (jobId) => ['POST', `/v1/jobs/${jobId}/retry-failed`],
  retry: (jobId) => ['POST', `/v1/jobs/${jobId}/retry`],
  delete: (jobId) => ['DELETE', `/v1/jobs/${jobId}`],
};
const give = async (jobId: string, command: Command) => {
  const [method, url] = ROUTES[command](jobId);
  const { status, problem, body } = await scene.ask({ method, url });
  return { answer: status < 300 ? status : problem.code, body };
};
const overBus = (jobId: string, command: Command) => scene.bus.request('command', { job_id: jobId, command });

/** A sealed parent of two children, by what has happened to it. */
async function parentThat(state: string): Promise<{ parentId: string; childId: string }> {
  const body = { type: 'custom', sealed: true, children: [{ key: 'a' }, { key: 'b' }] };
  const { job_id: parentId } = await scene.createParent(body);
  const { children } = await scene.store.listChildren(parentId, { limit: 2 });
  const [a = '', b = ''] = children.map(({ job_id }) => job_id);
  const report = async (...statuses: ('running' | 'completed' | 'failed')[]) => {
    const reports = [a, b].map((job_id, at) => ({ job_id, status: statuses[at], attempt: 1 }));
    await scene.post('/v1/jobs/status', { reports });
    await scene.store.fold([parentId]);
  };
  if (state === 'runs') await report('running', 'running');
  if (state === 'is paused') await give(parentId, 'pause');
  if (state === 'has a failed child') await report('failed', 'running');
  if (state === 'has completed') await report('completed', 'completed');
  if (state === 'has failed') await report('failed', 'failed');
  if (state === 'is being cancelled') await scene.store.requestCancel(parentId);
  if (state === 'was cancelled') {
    await give(parentId, 'cancel');
    await scene.untilChanged('cancelled', 2);
    await scene.store.fold([parentId]);
  }
  if (state === 'was deleted') {
    await report('completed', 'completed');
    await give(parentId, 'delete');
  }
  return { parentId, childId: a };
}

type Answers = Record<Command, string | number>;
/** What each command is answered, of a parent, and `retry` of its first child. */
const TABLE: Record<string, Answers> = {
  waits: {
    cancel: 202,
    pause: 202,
    resume: 202,
    retry_failed: 202,
    retry: 'not_retryable',
    delete: 'job_not_ended',
  },
  runs: {
    cancel: 202,
    pause: 202,
    resume: 202,
    retry_failed: 202,
    retry: 'not_retryable',
    delete: 'job_not_ended',
  },
  'is paused': {
    cancel: 202,
    pause: 202,
    resume: 202,
    retry_failed: 202,
    retry: 'not_retryable',
    delete: 'job_not_ended',
  },
  'has a failed child': {
    cancel: 202,
    pause: 202,
    resume: 202,
    retry_failed: 202,
    retry: 202,
    delete: 'job_not_ended',
  },
  'has completed': {
    cancel: 'job_ended',
    pause: 'job_ended',
    resume: 'job_ended',
    retry_failed: 202,
    retry: 'not_retryable',
    delete: 204,
  },
  'has failed': {
    cancel: 'job_ended',
    pause: 'job_ended',
    resume: 'job_ended',
    retry_failed: 202,
    retry: 202,
    delete: 204,
  },
  'is being cancelled': {
    cancel: 202,
    pause: 'job_cancelling',
    resume: 202,
    retry_failed: 'job_cancelling',
    retry: 'not_retryable',
    delete: 'job_not_ended',
  },
  'was cancelled': {
    cancel: 202,
    pause: 'job_ended',
    resume: 'job_ended',
    retry_failed: 202,
    retry: 202,
    delete: 204,
  },
  'was deleted': {
    cancel: 'job_not_found',
    pause: 'job_not_found',
    resume: 'job_not_found',
    retry_failed: 'job_not_found',
    retry: 'job_not_found',
    delete: 'job_not_found',
  },
};

describe.each(Object.entries(TABLE))('of a parent that %s', (state, answers) => {
  test.each(Object.entries(answers) as [Command, string | number][])(
    '%s is answered %s, twice, and over the bus alike',
    async (command, expected) => {
      const { parentId, childId } = await parentThat(state);
      const jobId = command === 'retry' ? childId : parentId;
      const first = await give(jobId, command);
      expect(first.answer).toBe(expected);
      if (first.answer === 202) expect(first.body).toMatchObject({ job_id: jobId });
      const changes = scene.changes.length;
      const again = command === 'delete' && expected === 204 ? 'job_not_found' : expected;
      expect((await give(jobId, command)).answer).toBe(again);
      const byBus = overBus(jobId, command);
      if (typeof again === 'string') await expect(byBus).rejects.toThrow(BusError);
      else expect((await byBus).job_id).toBe(jobId);
      await scene.bus.flush();
      // The sweep of the first may go on, but what was ordered twice is one change of the job.
      const more = scene.changes.slice(changes).filter(({ job_id }) => job_id === jobId);
      expect(more.filter(({ from, to }) => from === to || to === null)).toEqual([]);
    },
  );
});

test.each<[Command, string]>([
  ['cancel', 'not_a_parent'],
  ['pause', 'not_a_parent'],
  ['resume', 'not_a_parent'],
  ['retry_failed', 'not_a_parent'],
  ['delete', 'not_a_parent'],
])('%s of a child is answered %s', async (command, code) => {
  const { childId } = await parentThat('runs');
  expect((await give(childId, command)).answer).toBe(code);
});

test('retry of a parent is answered not_a_child', async () => {
  const { parentId } = await parentThat('has failed');
  expect((await give(parentId, 'retry')).answer).toBe('not_a_child');
});

test('over the bus the answer is the status right after it, and null of what is deleted', async () => {
  const { parentId, childId } = await parentThat('has failed');
  expect(await overBus(childId, 'retry')).toEqual({ job_id: childId, status: 'pending' });
  const { parentId: ended } = await parentThat('has completed');
  expect(await overBus(ended, 'delete')).toEqual({ job_id: ended, status: null });
  await expect(overBus(parentId, 'explode' as Command)).rejects.toMatchObject({ code: 'invalid_request' });
});

test('over the bus a command that the job does not take is refused by its code, and is no fault of ours', async () => {
  const { parentId, childId } = await parentThat('has completed');
  for (const [jobId, command, code] of [
    ['01890000-0000-7000-8000-00000000dead', 'cancel', 'job_not_found'],
    [parentId, 'pause', 'job_ended'],
    [childId, 'retry', 'not_retryable'],
  ] as const) {
    await expect(overBus(jobId, command)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(new RegExp(`^${code}: `)),
    });
  }
  expect(scene.ownBus.counters.handlerErrors).toBe(0);
});

test('what is deleted is gone for every reader at once, with its children', async () => {
  const { parentId, childId } = await parentThat('was deleted');
  for (const jobId of [parentId, childId]) {
    for (const path of ['', '/progress', '/events']) {
      expect((await scene.get(`/v1/jobs/${jobId}${path}`)).problem.code).toBe('job_not_found');
    }
  }
  expect((await scene.get('/v1/jobs')).body.jobs).toEqual([]);
  expect(scene.changes.at(-1)).toMatchObject({ job_id: parentId, from: 'completed', to: null });
});

test('a paused parent gives out no child until it is resumed', async () => {
  const { parentId } = await parentThat('waits');
  const claim = { worker_id: 'w', job_types: ['task'], limit: 10 };
  expect((await give(parentId, 'pause')).answer).toBe(202);
  expect((await scene.bus.request('claim', claim)).children).toEqual([]);
  await scene.store.fold([parentId]);
  expect((await scene.get(`/v1/jobs/${parentId}`)).body.status).toBe('paused');
  expect((await give(parentId, 'resume')).answer).toBe(202);
  expect((await scene.bus.request('claim', claim)).children).toHaveLength(2);
});

test('a retry of the failed runs the parent again, to an end with exact counts', async () => {
  const { parentId, childId } = await parentThat('has a failed child');
  const { children } = await scene.store.listChildren(parentId, { limit: 2 });
  const other = children.find(({ job_id }) => job_id !== childId)?.job_id ?? '';
  await scene.post(`/v1/jobs/${other}/status`, { status: 'completed', attempt: 1 });
  await scene.store.fold([parentId]);
  expect((await scene.get(`/v1/jobs/${parentId}`)).body.status).toBe('completed');
  expect((await give(parentId, 'retry_failed')).answer).toBe(202);
  await scene.untilChanged('pending', 4);
  const [reopened] = await scene.store.fold([parentId]);
  expect(reopened?.progress).toMatchObject({
    status: 'running',
    progress_text: '1 pending, 0 running, 1 completed, 0 failed',
  });
  const { body } = await scene.get(`/v1/jobs/${childId}`);
  expect(body).toMatchObject({ status: 'pending', run: 2, attempt: 2 });
  const late = await scene.post(`/v1/jobs/${childId}/status`, { status: 'completed', attempt: 1 });
  expect(late.problem.code).toBe('stale_attempt');
  await scene.post(`/v1/jobs/${childId}/status`, { status: 'completed', attempt: 3 });
  const [ended] = await scene.store.fold([parentId]);
  expect(ended?.progress).toMatchObject({ status: 'completed', completed_children: 2, total_children: 2 });
});
