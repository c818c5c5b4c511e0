import { generateKeyPairSync } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { createAuthenticator } from './authenticator.ts';
import { IdentityError } from './identity-error.ts';
import { createTestKeys } from './testing/test-keys.ts';

const NOW_SECONDS = 1_800_000_000;
const keys = createTestKeys();
const settings = { AUTH: 'jwt', AUTH_JWT_SECRET: keys.secret } as const;
const at = (seconds: number) => () => seconds * 1_000;
const authenticator = createAuthenticator(settings, at(NOW_SECONDS));

const ada = { tenant_id: 'acme', user_id: 'ada', exp: NOW_SECONDS + 60 };

const faultOf = async (token: string, by = authenticator): Promise<IdentityError> => {
  const fault = await by.verify(token).catch((error: unknown) => error);
  if (fault instanceof IdentityError) return fault;
  throw new Error(`not refused: ${JSON.stringify(fault)}`);
};

test('a token tells who it is, and until when', async () => {
  const token = await keys.sign({ ...ada, role: 'operator', nbf: NOW_SECONDS, iat: NOW_SECONDS });
  expect(await authenticator.verify(token)).toEqual({
    identity: { tenantId: 'acme', userId: 'ada', role: 'operator' },
    expiresAtMs: (NOW_SECONDS + 60) * 1_000,
  });
});

test('without a role one is a user, and without a user_id the subject', async () => {
  const { identity } = await authenticator.verify(
    await keys.sign({ ...ada, user_id: undefined, sub: 'bob' }),
  );
  expect(identity).toEqual({ tenantId: 'acme', userId: 'bob', role: 'user' });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no expiry', { exp: undefined }, /exp/],
  ['an expiry that is no number', { exp: '2999-01-01' }, /exp/],
  ['an expiry that no timestamp can name', { exp: 253_402_300_800 }, /exp/],
  ['an expiry beyond all numbers', { exp: 1e300 }, /exp/],
  ['a start in the future', { nbf: NOW_SECONDS + 6 }, /nbf/],
  ['a birth in the future', { iat: NOW_SECONDS + 6 }, /iat/],
  ['a birth that is no number', { iat: 'now' }, /iat/],
  ['no tenant', { tenant_id: undefined }, /tenant_id/],
  ['a tenant that would change a subject', { tenant_id: 'acme.>' }, /tenant_id/],
  ['an empty tenant', { tenant_id: '' }, /tenant_id/],
  ['a tenant that is a list', { tenant_id: ['acme'] }, /tenant_id/],
  ['no user', { user_id: undefined }, /sub/],
  ['a user that would change a subject', { user_id: '*', sub: 'ada' }, /user_id/],
  ['a user that is null', { user_id: null, sub: 'ada' }, /user_id/],
  ['an unknown role', { role: 'admin' }, /role/],
  ['several roles', { role: ['operator'] }, /role/],
  ['a role that is null', { role: null }, /role/],
])('%s is refused', async (_, change, detail) => {
  const fault = await faultOf(await keys.sign({ ...ada, ...change }));
  expect(fault).toMatchObject({ code: 'token_invalid', retryable: false });
  expect(fault.detail).toMatch(detail);
});

test('a clock that is 5 seconds ahead is forgiven, an expired token is not', async () => {
  const token = await keys.sign({ ...ada, nbf: NOW_SECONDS + 5, iat: NOW_SECONDS + 5 });
  await expect(authenticator.verify(token)).resolves.toBeDefined();
  for (const exp of [NOW_SECONDS, NOW_SECONDS - 1, NOW_SECONDS - 3_600]) {
    expect(await faultOf(await keys.sign({ ...ada, exp }))).toMatchObject({
      code: 'token_expired',
      retryable: false,
    });
  }
  const { expiresAtMs } = await authenticator.verify(await keys.sign({ ...ada, exp: NOW_SECONDS + 0.5 }));
  expect(expiresAtMs).toBe(NOW_SECONDS * 1_000 + 500);
});

test('only the issuer and the audience of the settings are accepted', async () => {
  const strict = createAuthenticator(
    { ...settings, AUTH_ISSUER: 'https://sign-in.example', AUTH_AUDIENCE: 'progeny' },
    at(NOW_SECONDS),
  );
  const good = { ...ada, iss: 'https://sign-in.example', aud: ['other', 'progeny'] };
  await expect(strict.verify(await keys.sign(good))).resolves.toBeDefined();
  for (const change of [
    { iss: 'https://evil.example' },
    { iss: undefined },
    { aud: 'other' },
    { aud: undefined },
  ]) {
    expect((await faultOf(await keys.sign({ ...good, ...change }), strict)).code).toBe('token_invalid');
  }
});

const hmac = (alg: string, secret: string) =>
  new SignJWT(ada).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));

test.each<[string, () => string | Promise<string>]>([
  ['no signature', () => new UnsecuredJWT(ada).encode()],
  ['the secret of somebody else', () => createTestKeys().sign(ada)],
  ['another hash than HS256', () => hmac('HS512', keys.secret)],
  ['a private key', () => new SignJWT(ada).setProtectedHeader({ alg: 'RS256' }).sign(rsa().privateKey)],
  ['claims that were changed', async () => forged(await keys.sign(ada), { ...ada, tenant_id: 'other' })],
  ['a token without its signature', async () => (await keys.sign(ada)).replace(/[^.]*$/, '')],
  ['garbage', () => 'garbage'],
  ['nothing', () => ''],
  ['three dots', () => '...'],
  ['what is no base64', () => '\0.\uD800.é'],
])('a token with %s is refused', async (_, token) => {
  expect(await faultOf(await token())).toMatchObject({ code: 'token_invalid', retryable: false });
});

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2_048 });

const forged = (token: string, claims: object) => {
  const [header, , signature] = token.split('.');
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
};

test('a token is 8 KiB at most', async () => {
  const ofBytes = async (bytes: number) => {
    const room = bytes - (await keys.sign({ ...ada, pad: '' })).length;
    return keys.sign({ ...ada, pad: 'x'.repeat(Math.floor((room * 3) / 4)) });
  };
  await expect(authenticator.verify(await ofBytes(8_190))).resolves.toBeDefined();
  const fault = await faultOf(await ofBytes(9 * 1_024));
  expect(fault).toMatchObject({ code: 'token_invalid', detail: 'the token is longer than 8192 bytes' });
});

test('what a fault says holds neither the token nor the secret', async () => {
  const token = await keys.sign({ ...ada, tenant_id: 'a b' });
  const fault = await faultOf(token);
  expect(`${fault.message} ${fault.detail} ${fault.stack}`).not.toContain(token);
  expect(JSON.stringify(fault)).not.toContain(keys.secret);
});

test('without sign-in everybody is the local operator, and with it nobody is', async () => {
  const open = createAuthenticator({ AUTH: 'none' });
  expect(open.anonymous).toEqual({ tenantId: 'default', userId: 'local', role: 'operator' });
  expect((await faultOf(await keys.sign(ada), open)).code).toBe('token_invalid');
  expect(authenticator.anonymous).toBeNull();
});

test.each([
  [{ AUTH: 'jwt' }],
  [{ AUTH: 'jwt', AUTH_JWT_SECRET: keys.secret, AUTH_JWKS_URL: 'http://127.0.0.1/' }],
] as const)('settings without exactly one source of keys are refused', (broken) => {
  expect(() => createAuthenticator(broken)).toThrow(TypeError);
});
