export interface JobFailureOptions extends ErrorOptions {
  /** For programs: lower-case letters, digits and `_`, at most 64. */
  error_code: string;
  /** For people. */
  user_message: string;
  /** For whoever debugs. */
  technical_detail?: string;
  /** Whether it may pass: then it is tried again while tries are left. Left out: no. */
  retryable?: boolean;
  /** What is worth keeping all the same. */
  result?: object;
}

/** Thrown by a handler: why the job failed, in the words that it carries everywhere. */
export class JobFailure extends Error {
  readonly error_code: string;
  readonly user_message: string;
  readonly technical_detail: string;
  readonly retryable: boolean;
  readonly result: object | undefined;

  constructor(options: JobFailureOptions) {
    super(options.technical_detail || options.user_message, options);
    this.name = 'JobFailure';
    this.error_code = options.error_code;
    this.user_message = options.user_message;
    this.technical_detail = options.technical_detail ?? '';
    this.retryable = options.retryable ?? false;
    this.result = options.result;
  }
}
