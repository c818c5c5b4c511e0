import type { ReporterOptions } from './reporter.ts';

/** What became of a request: it may be `away` for now, in which case the same is worth sending again. */
export type Answer =
  | { kind: 'ok'; body: unknown }
  | { kind: 'away'; reason: string }
  | { kind: 'refused'; status: number; code: string; detail: string };

export interface ManagerApi {
  post(path: string, body: string, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Ends what is under way; everything is `away` from then on. */
  close(): void;
}

/** Statuses that say nothing of the request itself: who asks may be known again soon, and a busy manager idle. */
const PASSING = new Set([401, 403, 408, 425, 429]);

export function createManagerApi({
  url,
  token,
  requestTimeoutMs,
  fetch: ask,
}: Pick<ReporterOptions, 'url' | 'token'> & { requestTimeoutMs: number; fetch: typeof fetch }): ManagerApi {
  const base = url.replace(/\/+$/, '');
  const closing = new AbortController();
  let known: string | undefined;

  const request = async (path: string, init: RequestInit): Promise<Answer> => {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), requestTimeoutMs);
    const stop = () => timeout.abort();
    closing.signal.addEventListener('abort', stop, { once: true });
    try {
      if (closing.signal.aborted) return { kind: 'away', reason: 'closed' };
      known ??= typeof token === 'function' ? await token() : token;
      const headers = { ...init.headers, ...(known !== undefined && { authorization: `Bearer ${known}` }) };
      const response = await ask(`${base}${path}`, { ...init, headers, signal: timeout.signal });
      const text = await response.text();
      if (response.status === 401) known = undefined;
      return toAnswer(response.status, text);
    } catch (error) {
      return { kind: 'away', reason: reasonOf(error) };
    } finally {
      clearTimeout(timer);
      closing.signal.removeEventListener('abort', stop);
    }
  };

  return {
    post: (path, body, headers = {}) =>
      request(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }),
    get: (path) => request(path, { method: 'GET' }),
    close: () => closing.abort(),
  };
}

function toAnswer(status: number, text: string): Answer {
  let body: unknown;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    // Something in between answered, such as a proxy that has lost its manager.
    return { kind: 'away', reason: `answered ${status} without JSON` };
  }
  if (status >= 200 && status < 300) return { kind: 'ok', body };
  const { code, detail, title } = (body ?? {}) as { code?: unknown; detail?: unknown; title?: unknown };
  if (status >= 500 || PASSING.has(status)) return { kind: 'away', reason: `${status} ${code ?? ''}`.trim() };
  return { kind: 'refused', status, code: String(code ?? status), detail: String(detail ?? title ?? '') };
}

/** `fetch failed` alone says nothing; why it did is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
