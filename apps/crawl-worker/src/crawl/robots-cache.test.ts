import type { HttpAnswer, HttpClient } from './http-get.ts';
import { createRobotsCache } from './robots-cache.ts';

type Reply = { status: number; body?: string; location?: string };
const NEVER = new AbortController().signal;

/** A host that answers what `reply` says and counts what was asked. */
function fakeHost(reply: (url: string) => Reply | Error | Promise<Reply>) {
  const asked: string[] = [];
  let nowMs = 0;
  const http: HttpClient = {
    async get(url): Promise<HttpAnswer> {
      asked.push(url);
      const answer = await reply(url);
      if (answer instanceof Error) throw answer;
      return {
        status: answer.status,
        header: (name) => (name === 'location' ? (answer.location ?? null) : null),
        read: async () => ({ bytes: Buffer.from(answer.body ?? ''), sha256: '' }),
        discard: () => {},
      };
    },
    close: async () => {},
  };
  const robots = createRobotsCache({
    http,
    userAgent: 'ProgenyBot/0.1 (+test)',
    timeoutMs: 1_000,
    nowMs: () => nowMs,
  });
  return {
    asked,
    isAllowed: (path: string) => robots.isAllowed(new URL(path, 'http://a.example').href, NEVER),
    isAllowedOn: (url: string, signal = NEVER) => robots.isAllowed(url, signal),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('the group of this crawler decides, the longer rule wins', async () => {
  const host = fakeHost(() => ({
    status: 200,
    body: 'User-agent: *\nDisallow: /\n\nUser-agent: progenybot\nDisallow: /staff/\nAllow: /staff/press$\n',
  }));
  expect(await host.isAllowed('/')).toBe(true);
  expect(await host.isAllowed('/staff/rota')).toBe(false);
  expect(await host.isAllowed('/staff/press')).toBe(true);
  expect(await host.isAllowed('/staff/press-kit')).toBe(false);
});

test('an origin is asked once, and every origin for itself', async () => {
  const host = fakeHost(() => ({ status: 200, body: '' }));
  await Promise.all(['/1', '/2', '/3'].map(host.isAllowed));
  await host.isAllowedOn('https://a.example/1');
  await host.isAllowedOn('http://a.example:8080/1');
  expect(host.asked).toEqual([
    'http://a.example/robots.txt',
    'https://a.example/robots.txt',
    'http://a.example:8080/robots.txt',
  ]);
});

test.each([401, 403, 404, 410])('%p means that there are no rules', async (status) => {
  expect(await fakeHost(() => ({ status, body: 'User-agent: *\nDisallow: /' })).isAllowed('/x')).toBe(true);
});

test.each([429, 500, 503])('%p means that nothing may be fetched now', async (status) => {
  await expect(fakeHost(() => ({ status })).isAllowed('/x')).rejects.toMatchObject({
    code: 'robots_unreachable',
    retryable: true,
  });
});

test('no answer means the same, and says why', async () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  await expect(fakeHost(() => refused).isAllowed('/x')).rejects.toMatchObject({
    code: 'connection_refused',
    retryable: true,
  });
});

test('a failure is asked again soon, an answer only later', async () => {
  let status = 503;
  const host = fakeHost(() => ({ status, body: 'User-agent: *\nDisallow: /x' }));
  await expect(host.isAllowed('/x')).rejects.toBeDefined();
  await expect(host.isAllowed('/y')).rejects.toBeDefined();
  expect(host.asked).toHaveLength(1);
  status = 200;
  host.pass(500);
  expect(await host.isAllowed('/x')).toBe(false);
  status = 404;
  host.pass(500);
  expect(await host.isAllowed('/x')).toBe(false);
  host.pass(10 * 60_000);
  expect(await host.isAllowed('/x')).toBe(true);
  expect(host.asked).toHaveLength(3);
});

test('five redirects are followed, and more count as no rules', async () => {
  const chain = (length: number) =>
    fakeHost((url) => {
      const step = Number(new URL(url).searchParams.get('step'));
      return step < length
        ? { status: 301, location: `http://b.example/r?step=${step + 1}` }
        : { status: 200, body: 'User-agent: *\nDisallow: /x' };
    });
  expect(await chain(5).isAllowed('/x')).toBe(false);
  expect(await chain(6).isAllowed('/x')).toBe(true);
});

test('whoever is aborted does not wait, and disturbs nobody else', async () => {
  const { promise, resolve } = withResolvers<Reply>();
  const host = fakeHost(() => promise);
  const controller = new AbortController();
  const aborted = host.isAllowedOn('http://a.example/1', controller.signal);
  const waiting = host.isAllowed('/2');
  controller.abort(new Error('gone'));
  await expect(aborted).rejects.toThrow('gone');
  resolve({ status: 404 });
  expect(await waiting).toBe(true);
});

test('the origin asked for longest ago makes room', async () => {
  const host = fakeHost(() => ({ status: 404 }));
  for (let origin = 0; origin <= 500; origin += 1) await host.isAllowedOn(`http://h${origin}.example/`);
  await host.isAllowedOn('http://h500.example/');
  expect(host.asked).toHaveLength(501);
  await host.isAllowedOn('http://h0.example/');
  expect(host.asked).toHaveLength(502);
});

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
