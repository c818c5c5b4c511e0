import { z } from 'zod';
import { authConfig, authRules } from './auth-config.ts';
import { ConfigError, commonConfig, configField, readConfig } from './config.ts';

const schema = z.object({ ...commonConfig, ...authConfig, WS_PORT: configField.port(4001) }).check(authRules);

const SECRET = 'a secret that has thirty-two bytes';
const JWKS = 'https://sign-in.example/keys';

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

test('what is left out has its default', () => {
  const config = readConfig(schema, {});
  expect(config).toMatchObject({ AUTH: 'none', AUTH_COOKIE: 'progeny_token' });
  expect(config.ALLOWED_ORIGINS).toBeUndefined();
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['localhost', true],
  ['LOCALHOST', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example.org', false],
  ['127.example.org', false],
  ['localhost.example.org', false],
])('without sign-in a service binds to %s: %p', (host, allowed) => {
  const faults = faultsOf({ HOST: host });
  expect(faults.length === 0).toBe(allowed);
  for (const fault of faults)
    expect(fault).toMatch(/^HOST .* set AUTH=jwt with AUTH_JWT_SECRET or AUTH_JWKS_URL/);
  expect(faultsOf({ HOST: host, AUTH: 'jwt', AUTH_JWT_SECRET: SECRET })).toEqual([]);
});

test.each<[Record<string, string>, RegExp[]]>([
  [{ AUTH: 'jwt' }, [/^AUTH is jwt, which needs AUTH_JWT_SECRET or AUTH_JWKS_URL$/]],
  [{ AUTH: 'jwt', AUTH_JWT_SECRET: SECRET }, []],
  [{ AUTH: 'jwt', AUTH_JWKS_URL: JWKS }, []],
  [
    { AUTH: 'jwt', AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: JWKS },
    [/^AUTH_JWKS_URL and AUTH_JWT_SECRET are both/],
  ],
  [{ AUTH: 'none' }, []],
  [{ AUTH_JWT_SECRET: SECRET }, [/^AUTH_JWT_SECRET is set though AUTH is none/]],
  [{ AUTH_JWKS_URL: JWKS }, [/^AUTH_JWKS_URL is set though AUTH is none/]],
  [{ AUTH: 'JWT' }, [/^AUTH is not one of none, jwt$/]],
  [{ AUTH: 'jwt', AUTH_JWKS_URL: 'file:///keys' }, [/^AUTH_JWKS_URL is not a URL whose scheme is/]],
  [
    { AUTH: 'jwt', AUTH_JWKS_URL: 'https://me:word@sign-in.example/' },
    [/^AUTH_JWKS_URL has a user or a password/],
  ],
  [{ AUTH: 'jwt', AUTH_JWT_SECRET: 'x'.repeat(31) }, [/^AUTH_JWT_SECRET is shorter than 32 bytes$/]],
  [{ AUTH: 'jwt', AUTH_JWT_SECRET: 'é'.repeat(16) }, []],
  [{ AUTH_COOKIE: 'a=b' }, [/^AUTH_COOKIE is not the name of a cookie$/]],
])('%j has these faults: %p', (env, faults) => {
  expect(faultsOf(env)).toEqual(faults.map((fault) => expect.stringMatching(fault)));
});

test('what does not fit together is told together with every other fault', () => {
  const env = { HOST: '0.0.0.0', WS_PORT: 'x', ALLOWED_ORIGINS: 'shop', NATS_URL: 'http://x' };
  expect(faultsOf(env).map((fault) => fault.split(' ')[0])).toEqual([
    'NATS_URL',
    'ALLOWED_ORIGINS',
    'WS_PORT',
    'HOST',
  ]);
});

test.each<[string, string[] | RegExp]>([
  ['https://app.example', ['https://app.example']],
  [' https://app.example , http://127.0.0.1:4000', ['https://app.example', 'http://127.0.0.1:4000']],
  ['https://app.example/', /has "https:\/\/app.example\/"/],
  ['https://app.example/page', /not an origin/],
  ['HTTPS://app.example', /not an origin/],
  ['https://app.example:443', /not an origin/],
  ['app.example', /not an origin/],
  ['null', /not an origin/],
  ['*', /not an origin/],
  ['https://*.example', /not an origin/],
  ['https://app.example,', /has ""/],
])('ALLOWED_ORIGINS=%p is read as %p', (text, expected) => {
  if (expected instanceof RegExp) expect(faultsOf({ ALLOWED_ORIGINS: text }).join()).toMatch(expected);
  else expect(readConfig(schema, { ALLOWED_ORIGINS: text }).ALLOWED_ORIGINS).toEqual(expected);
});

test('no fault repeats a secret', () => {
  const faults = [
    ...faultsOf({ AUTH: 'jwt', AUTH_JWT_SECRET: 'too-short' }),
    ...faultsOf({ AUTH: 'jwt', AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: JWKS }),
    ...faultsOf({ AUTH: 'none', AUTH_JWT_SECRET: SECRET }),
  ];
  expect(faults).toHaveLength(3);
  expect(faults.join()).not.toContain('too-short');
  expect(faults.join()).not.toContain(SECRET);
});
