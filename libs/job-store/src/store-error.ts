export type StoreErrorCode =
  | 'job_not_found'
  | 'not_a_parent'
  | 'not_a_child'
  | 'key_taken'
  | 'nested_too_deep'
  | 'too_many_children'
  | 'nested_job'
  | 'job_sealed'
  | 'job_ended'
  | 'job_not_ended'
  | 'job_cancelling'
  | 'not_retryable'
  | 'idempotency_key_reused'
  | 'unavailable';

/** What the store refuses, or cannot do now. The codes are those of the HTTP API. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly retryable: boolean;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
    this.retryable = code === 'unavailable';
  }
}
