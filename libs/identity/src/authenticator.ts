import { LIMITS } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { AuthSettings } from './auth-settings.ts';
import { claimedIdentity } from './claimed-identity.ts';
import { IdentityError } from './identity-error.ts';
import { type KeySource, keySourceOf } from './key-source.ts';

export interface VerifiedIdentity {
  identity: Identity;
  /** The token is refused from then on; always before the year 10000. */
  expiresAtMs: number;
}

export interface Authenticator {
  /** With AUTH=none everybody: the local operator. With AUTH=jwt null: nobody is anybody without a token. */
  readonly anonymous: Identity | null;
  /** Rejects with IdentityError. With AUTH=none no token is known: look at `anonymous` first. */
  verify(token: string): Promise<VerifiedIdentity>;
}

const LOCAL_OPERATOR: Identity = { tenantId: 'default', userId: 'local', role: 'operator' };

/** How far the clock of whoever signs may be ahead. An expired token gets none of it. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** Takes the configuration of a service. Public keys are fetched when the first token comes, then kept for 10 minutes. */
export function createAuthenticator(settings: AuthSettings, nowMs: () => number = Date.now): Authenticator {
  if (settings.AUTH === 'none') {
    return {
      anonymous: LOCAL_OPERATOR,
      verify: () => Promise.reject(new IdentityError('token_invalid', 'AUTH=none: tokens are not looked at')),
    };
  }
  const keys = keySourceOf(settings);
  const options: JWTVerifyOptions = {
    algorithms: [...keys.algorithms],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(settings.AUTH_ISSUER !== undefined && { issuer: settings.AUTH_ISSUER }),
    ...(settings.AUTH_AUDIENCE !== undefined && { audience: settings.AUTH_AUDIENCE }),
  };
  return {
    anonymous: null,
    async verify(token) {
      if (Buffer.byteLength(token) > LIMITS.tokenMaxBytes) {
        throw new IdentityError('token_invalid', `the token is longer than ${LIMITS.tokenMaxBytes} bytes`);
      }
      const now = nowMs();
      const claims = await verifiedClaims(token, keys, { ...options, currentDate: new Date(now) });
      return { identity: claimedIdentity(claims), expiresAtMs: expiryOf(claims, now) };
    },
  };
}

async function verifiedClaims(
  token: string,
  keys: KeySource,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys.keyFor, options)).payload;
  } catch (error) {
    if (error instanceof IdentityError) throw error;
    const detail = error instanceof Error ? error.message : 'it cannot be read';
    const code = error instanceof errors.JWTExpired ? 'token_expired' : 'token_invalid';
    throw new IdentityError(code, detail, { cause: error });
  }
}

/** The last second that a timestamp on the wire can name. */
const EXP_MAX_SECONDS = Date.UTC(9999, 11, 31, 23, 59, 59) / 1_000;

function expiryOf({ exp, iat }: JWTPayload, nowMs: number): number {
  if (exp === undefined || exp > EXP_MAX_SECONDS) {
    throw new IdentityError('token_invalid', '"exp" claim is not a date before the year 10000');
  }
  if (iat !== undefined && iat * 1_000 > nowMs + CLOCK_TOLERANCE_SECONDS * 1_000) {
    throw new IdentityError('token_invalid', '"iat" claim is in the future');
  }
  if (exp * 1_000 <= nowMs) throw new IdentityError('token_expired', '"exp" claim is in the past');
  return Math.floor(exp * 1_000);
}
