import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';

/** What a test needs to be somebody at a service with AUTH=jwt. */
export interface TestKeys {
  secret: string;
  /** For the configuration of a service. */
  env: { AUTH: 'jwt'; AUTH_JWT_SECRET: string };
  /** Signs with HS256 whatever is given; without `exp` the token is good for an hour. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
}

export function createTestKeys(): TestKeys {
  const secret = randomBytes(32).toString('hex');
  return {
    secret,
    env: { AUTH: 'jwt', AUTH_JWT_SECRET: secret },
    sign: (claims) =>
      new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 3_600, ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(secret)),
  };
}
