import { problemSchema, type WorkerReply, type WorkerRequest } from '@progeny/contract';
import { BusError, decodeReply, encodeRequest } from '@progeny/event-bus';
import type { AskedEndpoint } from './manager-client.ts';

/** The manager's endpoints for workers over HTTP; rejects as the bus does, with BusError. */
export interface ManagerHttp {
  request<E extends AskedEndpoint>(
    endpoint: E,
    request: WorkerRequest<E>,
    options: { timeoutMs: number },
  ): Promise<WorkerReply<E>>;
  /** Breaks off what is under way. */
  close(): void;
}

/** With `AUTH=jwt` the manager asks for a token whose role is `worker`. */
export function createManagerHttp({
  managerUrl,
  token,
}: {
  managerUrl: string;
  token?: string | undefined;
}): ManagerHttp {
  const closing = new AbortController();
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return {
    async request(endpoint, request, { timeoutMs }) {
      const url = new URL(`/v1/workers/${endpoint}`, managerUrl);
      const late = AbortSignal.timeout(timeoutMs);
      const { status, text } = await post(url, {
        headers,
        body: encodeRequest(endpoint, request),
        signal: AbortSignal.any([late, closing.signal]),
      }).catch((cause) => {
        if (late.aborted) throw new BusError('timeout', `no reply of ${url} after ${timeoutMs} ms`);
        throw new BusError('unavailable', `the manager cannot be reached at ${url.origin}`, { cause });
      });
      if (status === 200) return decodeReply(endpoint, text);
      throw toBusError(status, `${endpoint}: ${detailOf(text) ?? `status ${status}`}`);
    },
    close: () => closing.abort(),
  };
}

async function post(
  url: URL,
  request: { headers: Record<string, string>; body: string; signal: AbortSignal },
) {
  const response = await fetch(url, { method: 'POST', redirect: 'error', ...request });
  return { status: response.status, text: await response.text() };
}

function toBusError(status: number, message: string): BusError {
  switch (status) {
    case 400:
      return new BusError('invalid_request', message);
    case 413:
      return new BusError('too_large', message);
    case 500:
      return new BusError('remote_failed', message);
    default:
      // 503 of a manager without its database, and whatever answers there in its place.
      return new BusError('unavailable', message);
  }
}

function detailOf(text: string): string | undefined {
  try {
    const { data } = problemSchema.safeParse(JSON.parse(text));
    return data?.detail ?? data?.title;
  } catch {
    return undefined;
  }
}
