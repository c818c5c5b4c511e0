/** What the kit's `authConfig` reads from the environment, of which the configuration of a service is one. */
export interface AuthSettings {
  AUTH: 'none' | 'jwt';
  /** At least 32 bytes. With `jwt` either this or AUTH_JWKS_URL. */
  AUTH_JWT_SECRET?: string | undefined;
  AUTH_JWKS_URL?: string | undefined;
  AUTH_ISSUER?: string | undefined;
  AUTH_AUDIENCE?: string | undefined;
}

/** What decides whose credentials count. */
export interface AdmissionSettings {
  AUTH_COOKIE: string;
  /** Exact origins. Undefined: those on loopback. */
  ALLOWED_ORIGINS?: readonly string[] | undefined;
}
