import type { ParentJobProgress, ServerMessage } from './wire.ts';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
const isMoment = (value: unknown): boolean => value === null || typeof value === 'string';

/** What every reader relies on. The rest of the shape is the gateway's promise, pinned by the contract's golden files. */
export const isProgress = (value: unknown): value is ParentJobProgress =>
  isObject(value) &&
  typeof value.job_id === 'string' &&
  Number.isInteger(value.version) &&
  typeof value.status === 'string' &&
  typeof value.progress_text === 'string';

const isSubscribedJob = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.job_id === 'string' &&
  typeof value.recovered === 'boolean' &&
  Number.isInteger(value.seq);

const isPayloadOf = (type: string, payload: Record<string, unknown>): boolean => {
  switch (type) {
    case 'parent_job_progress':
      return isProgress(payload);
    case 'JOB_PROGRESS':
      return typeof payload.job_id === 'string' && Number.isInteger(payload.version);
    case 'pipeline_event':
      return typeof payload.job_id === 'string' && Number.isInteger(payload.number) && isObject(payload.step);
    case 'JOB_STARTED':
    case 'JOB_COMPLETED':
    case 'JOB_FAILED':
    case 'JOB_CANCELLED':
      return typeof payload.job_id === 'string' && Number.isInteger(payload.seq);
    case 'refused':
      return isStrings(payload.job_ids) && typeof payload.retryable === 'boolean';
    case 'welcome':
      return typeof payload.heartbeat_ms === 'number' && isMoment(payload.expires_at);
    case 'authenticated':
      return isMoment(payload.expires_at);
    case 'subscribed':
      return (
        typeof payload.epoch === 'string' &&
        Array.isArray(payload.jobs) &&
        payload.jobs.every(isSubscribedJob)
      );
    case 'reconnect':
      return typeof payload.after_ms === 'number';
    case 'unsubscribed':
    case 'pong':
      return true;
    default:
      return false;
  }
};

/** A message of the gateway, or null for what this client does not know: newer gateways may say more. */
export function parseServerFrame(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  let frame: unknown;
  try {
    frame = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isObject(frame) || typeof frame.type !== 'string' || !isObject(frame.payload)) return null;
  return isPayloadOf(frame.type, frame.payload) ? (frame as unknown as ServerMessage) : null;
}
