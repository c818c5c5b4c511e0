import type { ProblemCode } from './http-wire.ts';

export type ClientErrorCode =
  | 'no_websocket'
  | 'job_refused'
  | 'reader_too_slow'
  | 'no_api_url'
  | 'unreachable'
  | 'unexpected_answer'
  | ProblemCode;

/** Base of all errors of this client; `code` is stable. */
export class ProgenyClientError extends Error {
  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** This runtime has no WebSocket of its own. */
export class NoWebSocketError extends ProgenyClientError {
  constructor() {
    super(
      'no_websocket',
      'this runtime has no global WebSocket (Node.js has one from version 22 on): install the package "ws" and ' +
        "hand its class over, import { WebSocket } from 'ws'; connect({ url, WebSocket })",
    );
  }
}

/** The gateway does not serve this job: there is none, or it is not visible to whoever asked. */
export class JobRefusedError extends ProgenyClientError {
  constructor(
    readonly jobId: string,
    /** As the gateway gave it: `job_not_found`, `too_many_jobs`. */
    readonly refusal: string,
    message: string,
  ) {
    super('job_refused', message);
  }
}

/** More lifecycle events than can be kept wait for a `for await` that does not take them. */
export class ReaderTooSlowError extends ProgenyClientError {
  constructor() {
    super('reader_too_slow', 'lifecycle events wait for a reader that does not take them; watch again');
  }
}

/** `connect` was not told where the manager is. */
export class NoApiUrlError extends ProgenyClientError {
  constructor() {
    super('no_api_url', 'the address of the manager is not known: connect({ url, apiUrl })');
  }
}

/** The manager could not be reached, or did not answer in time. A command may have been done all the same. */
export class UnreachableError extends ProgenyClientError {
  readonly retryable = true;

  constructor(options?: ErrorOptions) {
    super('unreachable', 'the manager could not be reached', options);
  }
}

/** What answered is no manager that this client knows: a proxy between, or one of another version. */
export class UnexpectedAnswerError extends ProgenyClientError {
  constructor(readonly status: number) {
    super('unexpected_answer', `the answer is not one of the manager (status ${status})`);
  }
}

/** The manager said no; `code` is that of its problem document, the message a sentence for people. */
export class ProblemError extends ProgenyClientError {
  constructor(
    override readonly code: ProblemCode,
    message: string,
    readonly status: number,
    /** What exactly, when the manager says so. */
    readonly detail: string | null,
  ) {
    super(code, message);
  }

  /** Whether the same may succeed in a moment. */
  get retryable(): boolean {
    return this.status === 429 || this.status === 503;
  }
}
