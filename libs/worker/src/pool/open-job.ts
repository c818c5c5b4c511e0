import { type ClaimedChild, type JobError as ContractJobError, LIMITS } from '@progeny/contract';
import type { ChildInput, Job, JobError } from '../job.ts';
import { JobFailure } from '../job-failure.ts';
import type { Teller } from '../progress/progress-queue.ts';
import { fitText, REPORT_MAX_BYTES } from '../report/report-size.ts';
import { toJobError } from './describe-failure.ts';
import { jsonCopy } from './json-copy.ts';

/** A job in the hands of its handler, and what the handler has left with it. */
export interface OpenJob {
  job: Job;
  readonly children: readonly { key: string; payload: Record<string, unknown> }[];
  readonly text: string | undefined;
  readonly skipped: ContractJobError | undefined;
}

export function openJob(
  child: ClaimedChild,
  { spec, signal, teller }: { spec: Record<string, unknown>; signal: AbortSignal; teller: Teller },
): OpenJob {
  const children: { key: string; payload: Record<string, unknown> }[] = [];
  let childrenBytes = 0;
  let text: string | undefined;
  let skipped: ContractJobError | undefined;

  const job: Job = {
    id: child.job_id,
    parentId: child.parent_id,
    kind: child.job_type,
    key: child.key,
    payload: child.payload,
    attempt: child.attempt,
    parent: spec,
    signal,
    progress: teller.progress,
    emit: teller.emit,
    addChildren(added) {
      for (const one of added) {
        const { value, bytes } = copyChild(one);
        childrenBytes += bytes + 1;
        if (children.length === LIMITS.linksPerReport || childrenBytes > REPORT_MAX_BYTES.children) {
          throw tooManyChildren();
        }
        children.push(value);
      }
    },
    keepText(kept) {
      text = fitText(String(kept));
    },
    skip(reason) {
      skipped = toJobError(toReason(reason));
      throw new JobFailure({ ...skipped, retryable: false });
    },
  };
  return {
    job: Object.freeze(job),
    children,
    get text() {
      return text;
    },
    get skipped() {
      return skipped;
    },
  };
}

const toReason = (reason: string | JobError): JobError =>
  typeof reason === 'string' ? { error_code: 'skipped', user_message: reason } : reason;

function copyChild(child: ChildInput) {
  const key = typeof child?.key === 'string' ? child.key : '';
  if (key === '' || Buffer.byteLength(key) > LIMITS.childKeyMaxBytes) {
    throw invalidChild(`a key must have 1 to ${LIMITS.childKeyMaxBytes} bytes in UTF-8`);
  }
  const payload = jsonCopy(child.payload ?? {});
  if (!payload || payload.bytes > LIMITS.payloadMaxBytes) {
    throw invalidChild(
      `${key}: a payload must be an object of at most ${LIMITS.payloadMaxBytes} bytes as JSON`,
    );
  }
  const value = { key, payload: payload.value };
  return { value, bytes: payload.bytes + Buffer.byteLength(JSON.stringify(key)) + BYTES_AROUND_CHILD };
}

/** `{"key":,"payload":}` */
const BYTES_AROUND_CHILD = 19;

const invalidChild = (detail: string): JobFailure =>
  new JobFailure({
    error_code: 'invalid_child',
    user_message: 'A child of this job was not described as it must be.',
    technical_detail: detail,
  });

const tooManyChildren = (): JobFailure =>
  new JobFailure({
    error_code: 'too_many_children',
    user_message: 'This job leads to more children than one job may add.',
    technical_detail: `at most ${LIMITS.linksPerReport} children, of ${REPORT_MAX_BYTES.children} bytes together as JSON`,
  });
