import {
  type ParsedWorkerRequest,
  PROBLEMS,
  WORKER_ENDPOINTS,
  type WorkerEndpoint,
  type WorkerReply,
  type WorkerRequest,
} from '@progeny/contract';
import { BusError } from './bus-error.ts';
import type { RequestHandlers } from './event-bus.ts';
import { describeIssues, parseJson } from './event-codec.ts';
import type { HandlerRunner } from './handler-runner.ts';

export type Answer =
  | { ok: true; text: string }
  | { ok: false; code: 'invalid_request' | 'refused' | 'remote_failed' | 'unavailable'; message: string };

/**
 * Checks a request that came in, once, and has it handled. Never rejects; a handler's fault stays in the runner's log.
 * An error that is `retryable` is no fault but `unavailable`: what the handler needs is away, and told of elsewhere. One
 * whose code is that of a problem of whoever asked is none either: they are `refused`, and told why.
 */
export async function answerRequest<E extends WorkerEndpoint>(
  endpoint: E,
  requestText: string,
  { handlers, runner }: { handlers: RequestHandlers; runner: HandlerRunner },
): Promise<Answer> {
  const parsed = WORKER_ENDPOINTS[endpoint].request.safeParse(parseJson(requestText));
  if (!parsed.success) {
    return { ok: false, code: 'invalid_request', message: describeIssues(parsed.error.issues) };
  }
  let answer: Answer = { ok: false, code: 'remote_failed', message: 'not handled' };
  await runner.run({ endpoint }, async () => {
    try {
      // The schema of the endpoint gives the request of the endpoint; the table's type does not carry that.
      const reply = await handlers[endpoint](parsed.data as ParsedWorkerRequest<E>);
      answer = { ok: true, text: JSON.stringify(reply) };
    } catch (error) {
      if (isRetryable(error)) {
        answer = { ok: false, code: 'unavailable', message: messageOf(error) };
        return;
      }
      const refusal = refusalOf(error);
      if (refusal) {
        answer = { ok: false, code: 'refused', message: refusal };
        return;
      }
      answer = { ok: false, code: 'remote_failed', message: messageOf(error) };
      throw error;
    }
  });
  return answer;
}

/** Not checked here: whoever serves checks it, once, and answers `invalid_request`. */
export function encodeRequest<E extends WorkerEndpoint>(endpoint: E, request: WorkerRequest<E>): string {
  try {
    return JSON.stringify(request);
  } catch (cause) {
    throw new BusError('invalid_request', `${endpoint} cannot be written as JSON`, { cause });
  }
}

/** Throws BusError `remote_failed` when the reply is not what the endpoint promises. */
export function decodeReply<E extends WorkerEndpoint>(endpoint: E, replyText: string): WorkerReply<E> {
  const parsed = WORKER_ENDPOINTS[endpoint].reply.safeParse(parseJson(replyText));
  if (!parsed.success) {
    throw new BusError('remote_failed', `reply of ${endpoint}: ${describeIssues(parsed.error.issues)}`);
  }
  return parsed.data as WorkerReply<E>;
}

const isRetryable = (error: unknown): boolean =>
  error instanceof Error && 'retryable' in error && error.retryable === true;

/** The stable code first, for programs; null when the fault is not of whoever asked. */
function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const problem = Object.entries(PROBLEMS).find(([code]) => code === error.code);
  return problem && problem[1].status < 500 ? `${problem[0]}: ${error.message}` : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
