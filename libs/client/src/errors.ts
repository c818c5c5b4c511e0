/** Base of all errors of this client; `code` is stable. */
export class ProgenyClientError extends Error {
  constructor(
    readonly code: 'no_websocket' | 'job_refused' | 'reader_too_slow',
    message: string,
  ) {
    super(message);
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
