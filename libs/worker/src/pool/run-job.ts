import { LIMITS, type WorkerReport } from '@progeny/contract';
import type { JobHandler } from '../job.ts';
import { JobFailure } from '../job-failure.ts';
import { describeFailure } from './describe-failure.ts';
import { jsonCopy } from './json-copy.ts';
import type { OpenJob } from './open-job.ts';

/** How a job ended: a report without the job's name. */
export type Outcome = Omit<WorkerReport, 'job_id' | 'attempt'>;

/** Never rejects, whatever the handler does; resolves when the handler has ended, if ever. */
export async function runJob(handler: JobHandler, open: OpenJob): Promise<Outcome> {
  try {
    const result = await handler(open.job);
    return open.skipped ? skipped(open.skipped) : completed(open, result);
  } catch (thrown) {
    return open.skipped ? skipped(open.skipped) : failed(thrown);
  }
}

export function failed(thrown: unknown): Outcome {
  const { error, retryable, result } = describeFailure(thrown);
  const kept = result === undefined ? null : jsonCopy(result);
  return {
    status: 'failed',
    error,
    retryable,
    children: [],
    ...(kept && kept.bytes <= LIMITS.payloadMaxBytes && { result: kept.value }),
  };
}

const skipped = (error: NonNullable<OpenJob['skipped']>): Outcome => ({
  status: 'skipped',
  error,
  retryable: false,
  children: [],
});

function completed({ children, text }: OpenJob, result: unknown): Outcome {
  const kept = result === undefined || result === null ? undefined : jsonCopy(result);
  if (kept === null || (kept && kept.bytes > LIMITS.payloadMaxBytes)) throw invalidResult();
  return {
    status: 'completed',
    retryable: false,
    children: [...children],
    ...(kept && { result: kept.value }),
    ...(text !== undefined && { text }),
  };
}

const invalidResult = (): JobFailure =>
  new JobFailure({
    error_code: 'invalid_result',
    user_message: 'The work was done, but its result cannot be kept.',
    technical_detail: `a result must be an object of at most ${LIMITS.payloadMaxBytes} bytes as JSON, or nothing`,
  });
