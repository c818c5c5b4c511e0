import { createWorker, type JobHandler, type Worker, type WorkerOptions } from '@progeny/worker';
import { type Stack, startStack } from './stack.ts';

let stack: Stack;
const workers: Worker[] = [];

beforeAll(async () => {
  stack = await startStack();
}, 60_000);
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));
afterAll(() => stack.stop());

const log = { debug() {}, info() {}, warn() {}, error() {} };

function start(handler: JobHandler, options: Partial<WorkerOptions>): void {
  const worker = createWorker({ kind: 'task', handler, concurrency: 4, log, ...options });
  workers.push(worker);
  worker.start();
}

async function createJob(count: number, more = {}): Promise<string> {
  const children = Array.from({ length: count }, (_, index) => ({ key: `${index}` }));
  const { body } = await stack.post('/v1/jobs', { type: 'custom', children, sealed: true, ...more });
  return String(body.job_id);
}
const hasEnded = ({ status }: Record<string, unknown>) => status !== 'pending' && status !== 'running';

/** A job that goes on until its signal fires, and tells of both. */
function createHeld() {
  let onBegun: (jobId: string) => void = () => {};
  let onAborted: (code: string) => void = () => {};
  const begun = new Promise<string>((resolve) => {
    onBegun = resolve;
  });
  const aborted = new Promise<string>((resolve) => {
    onAborted = resolve;
  });
  const handler: JobHandler = ({ id, signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        onAborted(signal.reason.code);
        reject(signal.reason);
      });
      onBegun(id);
    });
  return { handler, begun, aborted };
}

describe.each([
  ['NATS', () => ({ natsUrl: stack.natsUrl })],
  ['HTTP alone', () => ({ managerUrl: stack.managerUrl })],
])('a worker of somebody else, over %s', (_, ways) => {
  test('does a job whose children lead to more, and its timeline can be read', async () => {
    start((job) => {
      job.emit({ event: 'pipeline_started' });
      if (job.key === '0') job.addChildren([{ key: 'more' }]);
      job.emit({ event: 'pipeline_done', success: true });
      return { key: job.key };
    }, ways());
    const jobId = await createJob(5);
    expect(await stack.until(jobId, hasEnded)).toMatchObject({ status: 'completed', completed_children: 6 });
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
    const { children } = (await stack.get(`/v1/jobs/${jobId}/children`)) as {
      children: { job_id: string }[];
    };
    for (const { job_id } of children) {
      expect(await stack.get(`/v1/jobs/${job_id}/events`)).toMatchObject({
        events: [
          { number: 1, step: { event: 'pipeline_started' } },
          { number: 2, step: { event: 'pipeline_done', success: true } },
        ],
      });
    }
  });

  test('is seen while it works, and stops when its parent is cancelled', async () => {
    const { handler, begun, aborted } = createHeld();
    let told: () => void = () => {};
    start(
      (job) => {
        job.progress(40, 'parsing', 'Reading');
        told = () => job.progress(60, 'extracting');
        return handler(job);
      },
      { ...ways(), leaseMs: 1_000 },
    );
    const jobId = await createJob(1);
    const childId = await begun;
    told();
    for (let seen = {}; !('progress_stage' in seen && seen.progress_stage === 'extracting'); ) {
      seen = await stack.get(`/v1/jobs/${childId}/progress`);
    }
    expect((await stack.post(`/v1/jobs/${jobId}/cancel`)).status).toBe(202);
    expect(['cancelled', 'lease_lost']).toContain(await aborted);
    expect(await stack.until(jobId, hasEnded)).toMatchObject({ status: 'cancelled', cancelled_children: 1 });
  });

  test('gives up what takes longer than it may, which is tried again', async () => {
    const { handler, aborted } = createHeld();
    start((job) => (job.attempt === 1 ? handler(job) : {}), ways());
    const jobId = await createJob(1, { child_timeout_seconds: 1 });
    expect(await aborted).toBe('timed_out');
    expect(await stack.until(jobId, hasEnded)).toMatchObject({ completed_children: 1 });
  });
});

test('a policy that too many failures break stops the worker, too', async () => {
  const { handler, begun, aborted } = createHeld();
  start(
    async (job) => {
      if (job.key === '0') return handler(job);
      await begun;
      throw Object.assign(new Error(), { error_code: 'no', user_message: 'No.' });
    },
    { natsUrl: stack.natsUrl, leaseMs: 600_000 },
  );
  const jobId = await createJob(2, { failure_policy: 'fail_fast' });
  expect(await aborted).toBe('cancelled');
  expect(await stack.until(jobId, hasEnded)).toMatchObject({ status: 'failed', failed_children: 1 });
});
