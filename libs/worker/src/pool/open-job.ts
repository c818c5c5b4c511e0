import { type ClaimedChild, type JobError as ContractJobError, LIMITS } from '@progeny/contract';
import type { ChildInput, Job, JobError } from '../job.ts';
import { JobFailure } from '../job-failure.ts';
import type { Teller } from '../progress/progress-queue.ts';
import { fitText, jsonBytes, REPORT_MAX_BYTES } from '../report/report-size.ts';
import { toJobError } from './describe-failure.ts';

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
      const copy = copyChildren(added);
      childrenBytes += copy.bytes;
      if (
        children.length + copy.children.length > LIMITS.linksPerReport ||
        childrenBytes > REPORT_MAX_BYTES.children
      ) {
        throw tooManyChildren();
      }
      children.push(...copy.children);
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

/** As they travel: later changes don't matter. All at once, since a page has many links. */
function copyChildren(added: readonly ChildInput[]) {
  const text = jsonOf(added);
  const bytes = Buffer.byteLength(text);
  const copies: unknown = JSON.parse(text);
  if (!Array.isArray(copies)) throw invalidChild('children must be a list');
  // A comma or bracket each.
  return {
    children: copies.map((copy) => readChild(copy, { isSmall: bytes <= LIMITS.payloadMaxBytes })),
    bytes: bytes - 1,
  };
}

function jsonOf(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text ?? 'null';
  } catch (cause) {
    throw invalidChild(`no JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** `isSmall`: no part of it can be too large. */
function readChild(child: unknown, { isSmall }: { isSmall: boolean }) {
  const { key, payload = {} }: { key?: unknown; payload?: unknown } = child ?? {};
  if (typeof key !== 'string' || key === '' || Buffer.byteLength(key) > LIMITS.childKeyMaxBytes) {
    throw invalidChild(`a key must have 1 to ${LIMITS.childKeyMaxBytes} bytes in UTF-8`);
  }
  if (!isObject(payload) || (!isSmall && jsonBytes(payload) > LIMITS.payloadMaxBytes)) {
    throw invalidChild(
      `${key}: a payload must be an object of at most ${LIMITS.payloadMaxBytes} bytes as JSON`,
    );
  }
  return { key, payload };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
