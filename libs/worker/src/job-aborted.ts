/**
 * `cancelled`: by somebody's command; `lease_lost`: cancelled, or given to somebody else; `timed_out`: this try took
 * longer than it may; `worker_stopped`: the time to drain is over, and the job is handed back.
 */
export type AbortCode = 'cancelled' | 'lease_lost' | 'timed_out' | 'worker_stopped';

const MESSAGES: Record<AbortCode, string> = {
  cancelled: 'the job was cancelled',
  lease_lost: 'the claim on the job is gone',
  timed_out: 'this try of the job took too long',
  worker_stopped: 'the worker stops',
};

/** The reason of a job's signal. */
export class JobAborted extends Error {
  readonly code: AbortCode;

  constructor(code: AbortCode) {
    super(MESSAGES[code]);
    this.name = 'JobAborted';
    this.code = code;
  }
}
