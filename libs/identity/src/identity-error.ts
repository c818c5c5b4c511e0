export type IdentityErrorCode =
  | 'token_invalid'
  | 'token_expired'
  /** The host of the public keys does not answer; the token may be good. */
  | 'keys_unavailable';

const MESSAGES: Readonly<Record<IdentityErrorCode, string>> = {
  token_invalid: 'This sign-in is not valid here.',
  token_expired: 'This sign-in has expired; sign in again.',
  keys_unavailable: 'Sign-ins cannot be checked at the moment; try again.',
};

/**
 * Why a token tells nobody's identity. `message` is for the user, `detail` for the log; neither holds a token or a
 * secret. `retryable` says whether the same token may be accepted later.
 */
export class IdentityError extends Error {
  readonly retryable: boolean;

  constructor(
    readonly code: IdentityErrorCode,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(MESSAGES[code], options);
    this.name = 'IdentityError';
    this.retryable = code === 'keys_unavailable';
  }
}
