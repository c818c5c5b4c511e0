import type { Access } from './access.ts';
import { ApiError, UnreachableError } from './api-error.ts';
import { createProgenyApi } from './progeny-api.ts';

const requests: { path: string; init: RequestInit }[] = [];
const answers: Access[] = [];
const apiThatAnswers = (answer: () => Response) =>
  createProgenyApi({
    baseUrl: 'http://manager',
    fetch: async (input, init = {}) => {
      requests.push({ path: String(input), init });
      return answer();
    },
    onAccess: (access) => answers.push(access),
  });
const problem = { type: 'about:blank', title: 'There is no such job', status: 404, code: 'job_not_found' };

beforeEach(() => {
  requests.length = 0;
  answers.length = 0;
});

test('pages are asked for by status, cursor and limit', async () => {
  const api = apiThatAnswers(() => Response.json({ jobs: [], next_cursor: null }));
  await api.listJobs({ status: 'running', cursor: 'c', limit: 25 });
  await api.listChildren('a/b', { status: null, cursor: null, limit: 50 });
  expect(requests.map(({ path }) => path)).toEqual([
    'http://manager/v1/jobs?limit=25&status=running&cursor=c',
    'http://manager/v1/jobs/a%2Fb/children?limit=50',
  ]);
});

test('a refusal carries the problem document and means that the server is there', async () => {
  const api = apiThatAnswers(() => Response.json(problem, { status: 404 }));
  const failure = await api.getJob('a').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect((failure as ApiError).problem).toEqual(problem);
  expect(answers).toEqual(['granted']);
});

test('a 401 means that one is not signed in, and is no reason to ask again', async () => {
  const api = apiThatAnswers(() =>
    Response.json({ ...problem, status: 401, code: 'unauthenticated' }, { status: 401 }),
  );
  await expect(api.getJob('a')).rejects.toBeInstanceOf(ApiError);
  expect(answers).toEqual(['signed_out']);
});

test.each([
  ['a network fault', () => Promise.reject(new TypeError('fetch failed')) as unknown as Response],
  ['a database that is away', () => Response.json({ ...problem, status: 503 }, { status: 503 })],
  ['a proxy that answers in HTML', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
  ['an answer that is cut off', () => new Response('{"jobs":[')],
])('%s is worth another try', async (_, answer) => {
  const api = apiThatAnswers(answer);
  await expect(api.getJob('a')).rejects.toBeInstanceOf(UnreachableError);
  expect(answers).toEqual(['unreachable']);
});

test('a new crawl is sent with its idempotency key', async () => {
  const api = apiThatAnswers(() => Response.json({ job_id: 'x' }, { status: 201 }));
  await api.createJob(
    {
      type: 'crawl',
      seeds: ['https://x.example/'],
      limits: { max_pages: 1, max_depth: 0 },
      priority: 0,
      failure_policy: 'continue',
    },
    'key-1',
  );
  const init = requests[0]?.init ?? {};
  expect(init.method).toBe('POST');
  expect(init.headers).toMatchObject({ 'idempotency-key': 'key-1', 'content-type': 'application/json' });
  expect(JSON.parse(String(init.body))).toMatchObject({ type: 'crawl', seeds: ['https://x.example/'] });
});
