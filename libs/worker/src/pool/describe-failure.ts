import type { JobError } from '@progeny/contract';

export interface Failure {
  error: JobError;
  retryable: boolean;
  result?: unknown;
}

const CODE = /^[a-z0-9_]{1,64}$/;
const USER_MESSAGE_MAX_CHARS = 500;
const DETAIL_MAX_CHARS = 4_000;

/**
 * What was thrown as the failure of a job. Told by its fields and not by its class, of which a program may have two
 * copies; whatever else it is may pass when it is tried again.
 */
export function describeFailure(thrown: unknown): Failure {
  try {
    return describeNamed(thrown) ?? handlerFailed(detailOf(thrown));
  } catch {
    return handlerFailed('what was thrown cannot be read');
  }
}

/** `technical_detail` within its bounds. */
export const toJobError = (error: {
  error_code: string;
  user_message: string;
  technical_detail?: string;
}): JobError => {
  const detail = error.technical_detail ?? '';
  const isNamed = CODE.test(error.error_code);
  return {
    error_code: isNamed ? error.error_code : 'handler_failed',
    user_message: error.user_message.slice(0, USER_MESSAGE_MAX_CHARS),
    technical_detail: (isNamed ? detail : `${error.error_code}: ${detail}`).slice(0, DETAIL_MAX_CHARS),
  };
};

function describeNamed(thrown: unknown): Failure | null {
  if (typeof thrown !== 'object' || thrown === null) return null;
  const { error_code, user_message, technical_detail, retryable, result } = thrown as Record<string, unknown>;
  if (typeof error_code !== 'string' || typeof user_message !== 'string') return null;
  const error = toJobError({ error_code, user_message, technical_detail: String(technical_detail ?? '') });
  return { error, retryable: retryable === true, ...(result !== undefined && { result }) };
}

const handlerFailed = (detail: string): Failure => ({
  error: toJobError({
    error_code: 'handler_failed',
    user_message: 'The work on this failed.',
    technical_detail: detail,
  }),
  retryable: true,
});

const CAUSES_TOLD = 3;

/** The messages of an error and of what caused it; never a stack, which users may get to see. */
function detailOf(thrown: unknown): string {
  const parts: string[] = [];
  for (let at = thrown; parts.length <= CAUSES_TOLD; at = (at as Error).cause) {
    if (!(at instanceof Error)) {
      if (parts.length === 0) parts.push(String(at));
      break;
    }
    parts.push(`${at.name}: ${at.message}`);
  }
  return parts.join(', caused by ');
}
