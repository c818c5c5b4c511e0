import { createServer, type IncomingMessage, type Server } from 'node:http';
import { closeServer, listen } from '@progeny/kit';
import { createManagerHttp, type ManagerHttp } from './manager-http.ts';

let server: Server;
let url: string;
let http: ManagerHttp;
let asked: IncomingMessage[];
let answer: { status: number; body: object };

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    request.resume().once('end', () => {
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    });
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  url = `http://127.0.0.1:${port}`;
});
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: { children: [], parents: {} } };
});
afterEach(() => http.close());
afterAll(() => closeServer(server));

const claim = () =>
  http.request('claim', { worker_id: 'w', job_types: ['page'], limit: 1 }, { timeoutMs: 5_000 });

test.each([
  ['brings its token', 'a.b.c', 'Bearer a.b.c'],
  ['says nothing of who it is without one', undefined, undefined],
])('it %s', async (_, token, authorization) => {
  http = createManagerHttp({ managerUrl: url, token });
  expect(await claim()).toEqual({ children: [], parents: {} });
  expect(asked.map(({ url: path, headers }) => [path, headers.authorization])).toEqual([
    ['/v1/workers/claim', authorization],
  ]);
});

test('a token that is not taken is told in the words of the manager', async () => {
  http = createManagerHttp({ managerUrl: url, token: 'a.b.c' });
  const problem = { type: 'urn:progeny:problem:forbidden', title: 'Your role does not allow this' };
  answer = { status: 403, body: { ...problem, status: 403, code: 'forbidden' } };
  await expect(claim()).rejects.toMatchObject({
    code: 'unavailable',
    message: 'claim: Your role does not allow this',
  });
});
