import { parentViewSchema } from '@progeny/contract';
import { createMemoryEventBus } from '@progeny/event-bus';
import { createMemoryHarness, type JobStoreHarness } from '@progeny/job-store/contract-suite';
import { createLog, createMetrics, readConfig } from '@progeny/kit';
import { managerConfigSchema } from '../config.ts';
import { createManager } from '../manager.ts';

let harness: JobStoreHarness;
let manager: ReturnType<typeof createManager>;
/** Subscriptions of waits that stand. */
let standing: number;
let origin: string;
let url: string;
let etag: string;

beforeEach(async () => {
  harness = await createMemoryHarness();
  standing = 0;
  const bus = createMemoryEventBus();
  const { subscribe } = bus;
  bus.subscribe = (options, handler) => {
    const { unsubscribe } = subscribe(options, handler);
    standing += 1;
    return {
      unsubscribe() {
        standing -= 1;
        unsubscribe();
      },
    };
  };
  manager = createManager({
    config: readConfig(managerConfigSchema, { MANAGER_PORT: '0' }),
    store: harness.store,
    bus,
    log: createLog({ service: 'test', level: 'silent' }),
    metrics: createMetrics({ service: 'manager' }),
  });
  await manager.start();
  origin = `http://127.0.0.1:${manager.port()}`;
  const created = await fetch(`${origin}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'custom' }),
  });
  const { job_id: jobId } = parentViewSchema.parse(await created.json());
  url = `${origin}/v1/jobs/${jobId}/progress?wait=30`;
  etag = (await fetch(url)).headers.get('etag') ?? '';
});
afterEach(() => manager.stop());

const wait = (signal?: AbortSignal) =>
  fetch(url, { headers: { 'if-none-match': etag }, ...(signal && { signal }) });
const waiting = async () =>
  Number(/^long_polls_waiting\S* (\d+)$/m.exec(await (await fetch(`${origin}/metrics`)).text())?.[1]);
async function untilWaiting(count: number) {
  while ((await waiting()) !== count) await new Promise(setImmediate);
}

test('whoever hangs up leaves nothing behind', async () => {
  const hangUp = new AbortController();
  const answers = Promise.allSettled(Array.from({ length: 20 }, () => wait(hangUp.signal)));
  await untilWaiting(20);
  expect(standing).toBe(1);
  hangUp.abort();
  expect((await answers).map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
  await untilWaiting(0);
  expect(standing).toBe(0);
});

test('a stop answers whoever waits, and does not wait for them', async () => {
  const answered = wait();
  await untilWaiting(1);
  await manager.stop();
  expect((await answered).status).toBe(304);
  expect(standing).toBe(0);
});
