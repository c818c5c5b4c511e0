import type { Job } from '@progeny/worker';
import { createPageHandler } from './page-handler.ts';
import type { Visit, VisitTask } from './visit-page.ts';

const SEED = 'http://a.example/';
const PARENT = { type: 'crawl', seeds: [SEED] };

/** What a handler does with its job, as words in their order. */
function createJob({
  payload = { url: SEED, depth: 0 },
  parent = PARENT,
}: {
  payload?: object;
  parent?: object;
} = {}) {
  const done: unknown[] = [];
  const job = {
    id: 'j',
    payload,
    parent,
    signal: new AbortController().signal,
    progress() {},
    emit() {},
    addChildren: (children: unknown) => done.push(['children', children]),
    keepText: (text: unknown) => done.push(['text', text]),
    skip(reason: unknown): never {
      done.push(['skip', reason]);
      throw new Error('skipped');
    },
  } as unknown as Job;
  return { job, done };
}

const handlerOf = (visit: (task: VisitTask) => Promise<Visit>, perHost = 1) =>
  createPageHandler({ perHost, visit, onVisited() {} });
const error = { error_code: 'http_404', user_message: 'No.', technical_detail: '' };

test('a page that was read leaves its text and its links, and its result is the result', async () => {
  const { job, done } = createJob();
  const children = [{ key: 'k', payload: {} }];
  const handler = handlerOf(async () => ({
    status: 'completed',
    retryable: false,
    result: { links_found: 1 },
    text: 'text',
    children,
  }));
  expect(await handler(job)).toEqual({ links_found: 1 });
  expect(done).toEqual([
    ['children', children],
    ['text', 'text'],
  ]);
});

test('a page that failed fails the job, with what is known of it', async () => {
  const { job } = createJob();
  const failed: Visit = {
    status: 'failed',
    error,
    retryable: true,
    children: [],
    result: { http_status: 404 },
  };
  await expect(handlerOf(async () => failed)(job)).rejects.toMatchObject({
    ...error,
    retryable: true,
    result: { http_status: 404 },
  });
});

test('a page that may not be read skips the job', async () => {
  const { job, done } = createJob();
  await expect(
    handlerOf(async () => ({ status: 'skipped', retryable: false, children: [], error }))(job),
  ).rejects.toThrow('skipped');
  expect(done).toEqual([['skip', error]]);
});

test.each([
  ['no address', { payload: { depth: 0 } }],
  ['an address that is none', { payload: { url: 'nowhere', depth: 0 } }],
  ['a parent that is no crawl', { parent: { type: 'custom' } }],
])('what is not described as a crawl needs it is never visited: %s', async (_, what) => {
  const handler = handlerOf(() => Promise.reject(new Error('visited')));
  await expect(handler(createJob(what).job)).rejects.toMatchObject({
    error_code: 'invalid_payload',
    retryable: false,
  });
});

test('pages of one host wait for each other, those of another do not, and a failure makes room', async () => {
  const inside: string[] = [];
  const proceed = new Map<string, () => void>();
  const handler = handlerOf(async ({ page }) => {
    inside.push(page.url);
    await new Promise<void>((resolve) => proceed.set(page.url, resolve));
    throw new Error('broken');
  });
  const visit = (url: string) =>
    Promise.resolve(handler(createJob({ payload: { url, depth: 0 } }).job)).catch(() => {});
  const first = visit('http://a.example/1');
  const second = visit('http://a.example/2');
  void visit('http://b.example/1');
  await new Promise(setImmediate);
  expect(inside).toEqual(['http://a.example/1', 'http://b.example/1']);
  proceed.get('http://a.example/1')?.();
  await first;
  await new Promise(setImmediate);
  expect(inside.at(-1)).toBe('http://a.example/2');
  proceed.get('http://a.example/2')?.();
  await second;
});
