import type { JobError } from '@progeny/contract';

/** Why a page could not be had, in the words that the job carries. `retryable` says whether it may pass. */
export class PageError extends Error {
  readonly code: string;
  readonly userMessage: string;
  readonly retryable: boolean;
  /** The answer's status, when there was an answer. */
  readonly httpStatus: number | null;

  constructor(
    options: {
      code: string;
      userMessage: string;
      detail: string;
      retryable: boolean;
      httpStatus?: number;
    } & ErrorOptions,
  ) {
    super(options.detail, options);
    this.name = 'PageError';
    this.code = options.code;
    this.userMessage = options.userMessage;
    this.retryable = options.retryable;
    this.httpStatus = options.httpStatus ?? null;
  }

  toJobError(): JobError {
    return {
      error_code: this.code,
      user_message: this.userMessage,
      technical_detail: this.message.slice(0, 4_000),
    };
  }
}

export const timeoutError = (timeoutMs: number): PageError =>
  new PageError({
    code: 'timeout',
    userMessage: 'The page took too long.',
    detail: `not complete after ${timeoutMs} ms`,
    retryable: true,
  });

export const tooLargeError = (maxBytes: number): PageError =>
  new PageError({
    code: 'too_large',
    userMessage: 'The page is larger than the crawler reads.',
    detail: `more than ${maxBytes} bytes`,
    retryable: false,
  });

export const invalidResponseError = (detail: string, options?: ErrorOptions): PageError =>
  new PageError({
    code: 'invalid_response',
    userMessage: 'The server sent an answer that makes no sense.',
    detail,
    retryable: false,
    ...options,
  });
