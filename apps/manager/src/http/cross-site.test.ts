import { createTestKeys } from '@progeny/identity/testing';
import { createManagerScene, type ManagerScene } from '../testing/manager-scene.ts';
import { bearer, OWNERS } from '../testing/people.ts';

const keys = createTestKeys();
const custom = { type: 'custom' };
const EVIL = 'https://evil.example';
const OWN = 'http://127.0.0.1:4000';

let scene: ManagerScene;
afterEach(() => scene.close());

/** What a request that reads and one that changes something are answered, and whether a job came of it. */
async function outcome(headers: Record<string, string>) {
  const read = await scene.get('/v1/jobs', headers);
  const changed = await scene.post('/v1/jobs', custom, headers);
  const { jobs } = await scene.store.listParents({ limit: 10 });
  expect(jobs).toHaveLength(changed.status === 201 ? 1 : 0);
  for (const { status, problem } of [read, changed]) {
    if (status === 403) expect(problem.code).toBe('forbidden_origin');
  }
  return [read.status, changed.status];
}

describe('without tokens', () => {
  test.each<[string, Record<string, string>, number[]]>([
    ['a program', {}, [200, 201]],
    ['a program that brings a token', bearer('a.b.c'), [200, 201]],
    ['the page itself', { origin: OWN, host: '127.0.0.1:4000' }, [200, 201]],
    ['a page in development', { origin: 'http://localhost:5173' }, [200, 201]],
    ['a foreign page', { origin: EVIL }, [403, 403]],
    ['a foreign page that brings a token', { origin: EVIL, ...bearer('a.b.c') }, [403, 403]],
    ['a page without an origin of its own', { origin: 'null' }, [403, 403]],
    ['a page whose name was led to loopback, as it reads', { host: 'evil.example:4000' }, [403, 403]],
    [
      'a page whose name was led to loopback, as it changes something',
      { host: 'evil.example:4000', origin: 'http://evil.example:4000' },
      [403, 403],
    ],
    ['whoever calls it by another loopback name', { host: 'localhost:4000' }, [200, 201]],
  ])('%s', async (_, headers, expected) => {
    scene = await createManagerScene();
    expect(await outcome(headers)).toEqual(expected);
  });

  test.each<[Record<string, string>, number[]]>([
    [{ origin: 'https://app.example', host: 'app.example' }, [200, 201]],
    [{ host: 'app.example' }, [200, 201]],
    [{ origin: OWN }, [403, 403]],
    [{ host: 'evil.example' }, [403, 403]],
  ])('behind a name of its own, that of its origin: %j', async (headers, expected) => {
    scene = await createManagerScene({ env: { ALLOWED_ORIGINS: 'https://app.example' } });
    expect(await outcome(headers)).toEqual(expected);
  });
});

describe('with tokens', () => {
  const cookie = 'progeny_token=<token>';
  test.each<[string, Record<string, string>, number[]]>([
    ['a bearer of a program', { authorization: 'Bearer <token>' }, [200, 201]],
    ['a bearer to whatever name', { authorization: 'Bearer <token>', host: 'progeny.example' }, [200, 201]],
    ['a bearer of a page of ours', { authorization: 'Bearer <token>', origin: OWN }, [200, 201]],
    ['a bearer of a foreign page', { authorization: 'Bearer <token>', origin: EVIL }, [403, 403]],
    ['a cookie of a page of ours', { cookie, origin: OWN }, [200, 201]],
    ['a cookie of a foreign page', { cookie, origin: EVIL }, [403, 403]],
    ['a cookie of a page without an origin of its own', { cookie, origin: 'null' }, [403, 403]],
    [
      'a cookie of a page of ours that reads, which says no origin',
      { cookie, 'sec-fetch-site': 'same-origin' },
      [200, 403],
    ],
    ['a cookie of a foreign link or picture', { cookie, 'sec-fetch-site': 'cross-site' }, [401, 401]],
    ['a cookie that no browser vouches for', { cookie }, [401, 401]],
    ['nothing, of a foreign page', { origin: EVIL }, [403, 403]],
    ['nothing, of a page of ours', { origin: OWN }, [401, 401]],
  ])('%s', async (_, headers, expected) => {
    scene = await createManagerScene({ env: keys.env });
    const token = await keys.sign(OWNERS['ann of acme']);
    const filled = Object.entries(headers).map(([name, value]) => [name, value.replace('<token>', token)]);
    expect(await outcome(Object.fromEntries(filled))).toEqual(expected);
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string) =>
    scene.ask({
      method: 'OPTIONS',
      url: '/v1/jobs/01890000-0000-7000-8000-00000000dead/progress',
      headers: { origin, 'access-control-request-method': 'GET' },
    });

  test('that is allowed may read what it is answered, refusals too, and its headers', async () => {
    scene = await createManagerScene({ env: { ...keys.env, ALLOWED_ORIGINS: 'https://app.example' } });
    const { status, headers } = await scene.get('/v1/jobs', { origin: 'https://app.example' });
    expect(status).toBe(401);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': expect.stringContaining('etag'),
      vary: 'origin',
    });
    expect(await preflight('https://app.example')).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': expect.stringContaining('authorization'),
      },
    });
  });

  test('that is not may read nothing, nor ask', async () => {
    scene = await createManagerScene({ env: keys.env });
    for (const answer of [await scene.get('/v1/jobs', { origin: EVIL }), await preflight(EVIL)]) {
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      expect(answer.headers.vary).toBe('origin');
    }
  });
});
