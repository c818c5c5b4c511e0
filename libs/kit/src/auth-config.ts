import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { configField } from './config.ts';

/** Fewer bytes than the hash of HS256 has could be guessed from a token (RFC 7518, 3.2). */
const SECRET_MIN_BYTES = 32;

const origins = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names.filter((given) => !isOrigin(given))) {
    context.addIssue({
      code: 'custom',
      message: `has "${name}", which is not an origin as browsers send it: https://app.example, without a path`,
    });
  }
  return names;
});

/** Who may use a service. Goes together with `authRules`, which says what fits together. */
export const authConfig = {
  AUTH: z
    .enum(['none', 'jwt'], { error: 'is not one of none, jwt' })
    .default('none')
    .describe(
      '`none`: everybody is the local operator, on loopback only; `jwt`: a signed token tells who it is',
    ),
  AUTH_JWT_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= SECRET_MIN_BYTES, {
      error: `is shorter than ${SECRET_MIN_BYTES} bytes`,
    })
    .optional()
    .describe(`Secret of tokens signed with HS256, at least ${SECRET_MIN_BYTES} bytes`),
  AUTH_JWKS_URL: configField
    .url(/^https?$/)
    // Such a URL cannot be fetched, and would be part of the error that says so.
    .refine((url) => !/^https?:\/\/[^/?#]*@/i.test(url), { error: 'has a user or a password in it' })
    .optional()
    .describe('Public keys of tokens signed with RS256, PS256, ES256 or EdDSA, in place of the secret'),
  AUTH_ISSUER: z.string().optional().describe('`iss` that a token must have'),
  AUTH_AUDIENCE: z.string().optional().describe('`aud` that a token must have'),
  AUTH_COOKIE: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of a cookie')
    .default('progeny_token')
    .describe('Cookie that may carry the token'),
  ALLOWED_ORIGINS: origins
    .optional()
    .describe('Origins whose pages may call, with commas between; left out, those on loopback'),
};

interface AuthFields {
  HOST: string;
  AUTH: 'none' | 'jwt';
  AUTH_JWT_SECRET?: string | undefined;
  AUTH_JWKS_URL?: string | undefined;
}

/**
 * What `authConfig` and HOST must be together: `z.object({ ...commonConfig, ...authConfig }).check(authRules)`.
 * Its faults are told together with those of single variables.
 */
export const authRules = z.superRefine<AuthFields>(
  (config, context) => {
    const fault = (name: keyof AuthFields, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    const hasSecret = config.AUTH_JWT_SECRET !== undefined;
    const hasKeys = config.AUTH_JWKS_URL !== undefined;
    if (config.AUTH === 'jwt' && !hasSecret && !hasKeys) {
      fault('AUTH', 'is jwt, which needs AUTH_JWT_SECRET or AUTH_JWKS_URL');
    }
    if (config.AUTH === 'jwt' && hasSecret && hasKeys) {
      fault('AUTH_JWKS_URL', 'and AUTH_JWT_SECRET are both set: keep the one that signs the tokens');
    }
    // Whoever sets a key believes that tokens are checked.
    if (config.AUTH === 'none' && (hasSecret || hasKeys)) {
      fault(
        hasSecret ? 'AUTH_JWT_SECRET' : 'AUTH_JWKS_URL',
        'is set though AUTH is none: set AUTH=jwt, or remove it',
      );
    }
    if (config.AUTH === 'none' && !isLoopback(config.HOST)) {
      fault(
        'HOST',
        'is not a loopback address, and with AUTH=none everybody would be an operator: set AUTH=jwt with AUTH_JWT_SECRET or AUTH_JWKS_URL, or HOST=127.0.0.1',
      );
    }
  },
  { when: () => true },
);

/** Whether what binds to this host is out of reach for other machines. A name other than localhost never is. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** A star would be a letter like any other here, and match nothing. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
