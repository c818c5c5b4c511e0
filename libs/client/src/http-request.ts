import { NoApiUrlError, ProblemError, UnexpectedAnswerError, UnreachableError } from './errors.ts';
import { isProblem } from './http-answer.ts';
import { bearer, type TokenSource } from './token-source.ts';

/** Beyond it an answer is not waited for. */
const ANSWER_TIMEOUT_MS = 15_000;

/** One request to the manager. Resolves with an answer of 2xx, and rejects as `JobApi` says. */
export type HttpRequest = (asked: {
  method: string;
  path: string;
  signal?: AbortSignal | undefined;
}) => Promise<{ status: number; body: unknown }>;

export function createHttpRequest(options: {
  apiUrl: string | undefined;
  fetch: typeof globalThis.fetch;
  tokens: TokenSource;
}): HttpRequest {
  const { apiUrl, tokens } = options;

  const send = async (method: string, path: string, signal: AbortSignal): Promise<Response> => {
    // Taken out of its object: a browser's own fetch refuses to be called as a method of anything else.
    const { fetch } = options;
    return fetch(`${apiUrl}${path}`, {
      method,
      headers: { accept: 'application/json', ...bearer(await tokens.recent()) },
      cache: 'no-store',
      signal,
    });
  };
  const read = async (response: Response): Promise<unknown> => {
    if (response.status === 204) return null;
    try {
      return await response.json();
    } catch (error) {
      if ((error as Error).name === 'SyntaxError') throw new UnexpectedAnswerError(response.status);
      throw error;
    }
  };
  const ask = async (method: string, path: string, signal: AbortSignal) => {
    let response = await send(method, path, signal);
    if (response.status === 401) {
      // Nothing was done, so it may be asked for again with another token.
      tokens.forget();
      if (tokens.isAsked) response = await send(method, path, signal);
    }
    const { status, ok } = response;
    const body = await read(response);
    if (ok) return { status, body };
    if (!isProblem(body)) throw new UnexpectedAnswerError(status);
    throw new ProblemError(body.code, body.title, status, body.detail ?? null);
  };

  return async ({ method, path, signal }) => {
    if (apiUrl === undefined) throw new NoApiUrlError();
    const own = new AbortController();
    const abort = (): void => own.abort(signal?.reason);
    const timer = setTimeout(() => own.abort(), ANSWER_TIMEOUT_MS);
    signal?.addEventListener('abort', abort);
    try {
      signal?.throwIfAborted();
      return await ask(method, path, own.signal);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof ProblemError || error instanceof UnexpectedAnswerError) throw error;
      throw new UnreachableError({ cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  };
}
