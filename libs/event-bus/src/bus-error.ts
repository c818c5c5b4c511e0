export type BusErrorCode =
  | 'invalid_event'
  | 'invalid_subject'
  | 'invalid_request'
  | 'no_responder'
  /** Not as things stand: the message begins with the code of the problem, as over HTTP. */
  | 'refused'
  | 'remote_failed'
  | 'timeout'
  /** More bytes than the bus carries: send it in smaller parts. */
  | 'too_large'
  | 'unavailable';

const RETRYABLE: ReadonlySet<BusErrorCode> = new Set(['no_responder', 'timeout', 'unavailable']);

/** Whatever the bus refuses or fails to do. `retryable` says whether the same call may succeed later. */
export class BusError extends Error {
  readonly code: BusErrorCode;
  readonly retryable: boolean;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
