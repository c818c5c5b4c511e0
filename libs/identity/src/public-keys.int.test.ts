import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { IdentityError } from './identity-error.ts';
import { type JwksHost, startJwksHost } from './testing/jwks-host.ts';

const KEYS = { rs: 'RS256', ps: 'PS256', es: 'ES256', ed: 'EdDSA', long: 'RS512', next: 'ES256' };
const COOLDOWN_MS = 30_000;

let host: JwksHost;
let authenticator: Authenticator;
const ada = { tenant_id: 'acme', user_id: 'ada', exp: Math.floor(Date.now() / 1_000) + 86_400 };

beforeEach(async () => {
  host = await startJwksHost(KEYS);
  host.publish('rs', 'ps', 'es', 'ed', 'long');
  authenticator = createAuthenticator({ AUTH: 'jwt', AUTH_JWKS_URL: host.url });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await host.close();
});

const faultOf = async (token: string): Promise<IdentityError> => {
  const fault = await authenticator.verify(token).catch((error: unknown) => error);
  if (fault instanceof IdentityError) return fault;
  throw new Error(`not refused: ${JSON.stringify(fault)}`);
};

const INVALID = { code: 'token_invalid', retryable: false };
const KEYS_AWAY = { code: 'keys_unavailable', retryable: true };

test('a token signed with any of the published keys is accepted, and the keys are fetched once', async () => {
  for (const kid of ['rs', 'ps', 'es', 'ed']) {
    const { identity } = await authenticator.verify(await host.sign(kid, ada));
    expect(identity).toEqual({ tenantId: 'acme', userId: 'ada', role: 'user' });
  }
  expect(host.fetches()).toBe(1);
});

test('tokens that come at once share one fetch', async () => {
  const token = await host.sign('es', ada);
  await Promise.all(Array.from({ length: 50 }, () => authenticator.verify(token)));
  expect(host.fetches()).toBe(1);
});

/** A token that takes what everybody can fetch for a secret. */
async function signedWithPublicKey(encode: (jwk: object) => Buffer | string): Promise<string> {
  const { keys } = (await (await fetch(host.url)).json()) as { keys: { kid: string }[] };
  const jwk = keys.find(({ kid }) => kid === 'rs');
  if (!jwk) throw new Error('the key is not published');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', kid: 'rs' })}.${part(ada)}`;
  return `${signed}.${createHmac('sha256', encode(jwk)).update(signed).digest('base64url')}`;
}

const publicKeyOf = (jwk: object) => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });

test.each<[string, () => string | Promise<string>]>([
  ['no signature', () => new UnsecuredJWT(ada).encode()],
  [
    'the public key as PEM for a secret',
    () => signedWithPublicKey((jwk) => publicKeyOf(jwk).export({ type: 'spki', format: 'pem' })),
  ],
  [
    'the public key as DER for a secret',
    () => signedWithPublicKey((jwk) => publicKeyOf(jwk).export({ type: 'spki', format: 'der' })),
  ],
  ['the public key as JSON for a secret', () => signedWithPublicKey((jwk) => JSON.stringify(jwk))],
  ['a published key of an algorithm that is not taken', () => host.sign('long', ada)],
  ['a key that is not published', () => host.sign('next', ada)],
  [
    'a foreign key under a known id',
    async () => {
      const foreign = await startJwksHost(KEYS);
      await foreign.close();
      return foreign.sign('rs', ada);
    },
  ],
])('a token with %s is refused', async (_, token) => {
  expect(await faultOf(await token())).toMatchObject(INVALID);
});

test('a secret that stands among the public keys by mistake signs nothing', async () => {
  const k = Buffer.alloc(32, 1);
  host.answer(200, JSON.stringify({ keys: [{ kty: 'oct', kid: 'rs', k: k.toString('base64url') }] }));
  const fault = await faultOf(await signedWithPublicKey(() => k));
  expect(fault).toMatchObject({ ...INVALID, detail: expect.stringContaining('not allowed') });
  // The first one was the test's own, to learn what is published.
  expect(host.fetches()).toBe(1);
});

test('garbage makes nobody fetch keys', async () => {
  for (const token of ['garbage', 'a.b.c', new UnsecuredJWT(ada).encode()]) await faultOf(token);
  expect(host.fetches()).toBe(0);
});

test('a key that was added is found, but unknown keys make for one fetch in 30 seconds at most', async () => {
  await authenticator.verify(await host.sign('es', ada));
  host.publish('next');
  const token = await host.sign('next', ada);
  expect(await faultOf(token)).toMatchObject(INVALID);
  expect(host.fetches()).toBe(1);

  const laterMs = Date.now() + COOLDOWN_MS + 1_000;
  jest.spyOn(Date, 'now').mockReturnValue(laterMs);
  await expect(authenticator.verify(token)).resolves.toBeDefined();
  expect(host.fetches()).toBe(2);
  // The key that was withdrawn went with it.
  expect(await faultOf(await host.sign('es', ada))).toMatchObject(INVALID);
  expect(host.fetches()).toBe(2);
});

test.each<[string, () => void | Promise<void>]>([
  ['does not answer', () => host.close()],
  ['answers 503', () => host.answer(503, '{}')],
  ['answers with a page', () => host.answer(200, '<html>')],
  ['answers with what are no keys', () => host.answer(200, '{"keys":"none"}')],
  [
    'answers with a broken key',
    () => host.answer(200, '{"keys":[{"kty":"EC","crv":"P-256","kid":"es","x":"!"}]}'),
  ],
])('while the host of the keys %s, a token is neither good nor bad', async (_, breakHost) => {
  const token = await host.sign('es', ada);
  await breakHost();
  const fault = await faultOf(token);
  expect(fault).toMatchObject(KEYS_AWAY);
  expect(fault.detail).toContain(new URL(host.url).host);
  expect(fault).toHaveProperty('cause.message', expect.any(String));
});

test('keys that are known outlive their host, and a host that is back is asked again', async () => {
  host.answer(503, '{}');
  const token = await host.sign('es', ada);
  expect(await faultOf(token)).toMatchObject(KEYS_AWAY);
  host.publish('es');
  await expect(authenticator.verify(token)).resolves.toBeDefined();
  await host.close();
  await expect(authenticator.verify(token)).resolves.toBeDefined();
});
