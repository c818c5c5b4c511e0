import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  status: number;
  /** What the route answers (null for 204), or its problem document; the caller knows which by the status. */
  body: unknown;
}

/** The manager's API as a patient outsider uses it: any replica, and again until one of them has answered. */
export interface Api {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  remove(path: string): Promise<Answer>;
  /** Requests that had to be sent again. */
  readonly repeated: number;
}

export class ApiClosedError extends Error {
  readonly code = 'api_closed';
}

const ANSWER_WITHIN_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Rejects with ApiClosedError once `closing` is aborted, and with nothing else. */
export function createApi(urls: readonly string[], closing: AbortSignal): Api {
  let asked = 0;
  let repeated = 0;

  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (closing.aborted) throw new ApiClosedError('the run is over');
      asked += 1;
      const answer = await tryOnce(`${urls[asked % urls.length]}${path}`, init);
      if (answer && answer.status < 500) return answer;
      repeated += 1;
      await delay(pauseMs, undefined, { signal: closing }).catch(() => {});
    }
  };

  return {
    get: (path) => ask(path, {}),
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    remove: (path) => ask(path, { method: 'DELETE' }),
    get repeated() {
      return repeated;
    },
  };
}

/** Null when nobody answered: dead, frozen, or on its way up. */
async function tryOnce(url: string, init: RequestInit): Promise<Answer | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return { status: response.status, body: response.status === 204 ? null : await response.json() };
  } catch {
    return null;
  }
}
