import {
  type CompactJWSHeaderParameters,
  type CryptoKey,
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
} from 'jose';
import type { AuthSettings } from './auth-settings.ts';
import { IdentityError } from './identity-error.ts';

/** Where the key of a token comes from, and with what it may be signed. */
export interface KeySource {
  algorithms: readonly string[];
  keyFor(header: CompactJWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey | Uint8Array>;
}

/**
 * The algorithms follow from the kind of key, never from the token: a public key as the secret of an HS256 token
 * would let everybody sign. Throws TypeError for settings that `authRules` of the kit refuses.
 */
export function keySourceOf({ AUTH_JWT_SECRET, AUTH_JWKS_URL }: AuthSettings): KeySource {
  if (AUTH_JWT_SECRET !== undefined && AUTH_JWKS_URL === undefined) {
    const secret = new TextEncoder().encode(AUTH_JWT_SECRET);
    return { algorithms: ['HS256'], keyFor: async () => secret };
  }
  if (AUTH_JWKS_URL !== undefined && AUTH_JWT_SECRET === undefined) return publicKeys(new URL(AUTH_JWKS_URL));
  throw new TypeError('AUTH=jwt needs either AUTH_JWT_SECRET or AUTH_JWKS_URL');
}

/** A key that is not known is looked for again, unless that was done in the last 30 seconds. */
function publicKeys(url: URL): KeySource {
  const remote = createRemoteJWKSet(url);
  return {
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    async keyFor(header, token) {
      try {
        return await remote(header, token);
      } catch (error) {
        if (isOfToken(error)) throw error;
        const detail = error instanceof Error ? error.message : 'they cannot be fetched';
        throw new IdentityError('keys_unavailable', `public keys of ${url.host}: ${detail}`, {
          cause: error,
        });
      }
    },
  };
}

/** Whether the keys are there, but none, or more than one, is the token's. */
const isOfToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;
