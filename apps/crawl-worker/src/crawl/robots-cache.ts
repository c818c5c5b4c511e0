import robotsParser from 'robots-parser';
import { classifyFailure } from './classify-failure.ts';
import { orAborted, withDeadline } from './deadline.ts';
import type { HttpAnswer, HttpClient } from './http-get.ts';
import { PageError } from './page-error.ts';

export interface RobotsCache {
  /**
   * Whether robots.txt lets the crawler have the page. Rejects with a retryable PageError when nobody can tell, or
   * with the signal's reason.
   */
  isAllowed(url: string, signal: AbortSignal): Promise<boolean>;
  /** Ends what is being fetched. */
  close(): void;
}

export interface RobotsCacheOptions {
  http: HttpClient;
  userAgent: string;
  timeoutMs: number;
  nowMs?: () => number;
}

interface Rules {
  isAllowed(url: string): boolean;
}
interface Entry {
  rules: Promise<Rules>;
  freshUntilMs: number;
}

/** RFC 9309, 2.5: at least 500 kibibytes have to be understood. The rest is left out. */
const ROBOTS_MAX_BYTES = 500 * 1024;
/** RFC 9309, 2.4: not longer than a day. */
const FRESH_MS = 10 * 60_000;
/** Shorter than the first wait before a retry, so that every try of a page really asks again. */
const UNREACHABLE_MS = 400;
/** The origin asked for longest ago makes room. */
const ORIGINS_MAX = 500;
/** RFC 9309, 2.3.1.2: at least five. */
const REDIRECTS_MAX = 5;

const ALLOW_ALL: Rules = { isAllowed: () => true };

/**
 * robots.txt per origin, by RFC 9309: 4xx means that there are no rules; a server error or no answer means that
 * nothing may be fetched. Such a page is not reported as kept out, which nobody said, but as failed for now: the
 * retry asks again. 429 counts as "later", since a file that says so cannot be missing.
 */
export function createRobotsCache({
  http,
  userAgent,
  timeoutMs,
  nowMs = Date.now,
}: RobotsCacheOptions): RobotsCache {
  const entries = new Map<string, Entry>();
  const closing = new AbortController();

  const load = (origin: string): Entry => {
    const entry: Entry = {
      freshUntilMs: nowMs() + FRESH_MS,
      rules: withDeadline({ outer: closing.signal, timeoutMs }, (signal) =>
        fetchRules({ http, origin, userAgent, signal }),
      ).catch((error: unknown) => {
        entry.freshUntilMs = nowMs() + UNREACHABLE_MS;
        throw unreachableError(origin, classifyFailure(error));
      }),
    };
    entry.rules.catch(() => {});
    return entry;
  };

  return {
    async isAllowed(url, signal) {
      const { origin } = new URL(url);
      const known = entries.get(origin);
      const entry = known && known.freshUntilMs > nowMs() ? known : load(origin);
      entries.delete(origin);
      entries.set(origin, entry);
      const [oldest] = entries.keys();
      if (entries.size > ORIGINS_MAX && oldest !== undefined) entries.delete(oldest);
      const rules = await orAborted(entry.rules, signal);
      return rules.isAllowed(url);
    },
    close: () => closing.abort(),
  };
}

async function fetchRules({
  http,
  origin,
  userAgent,
  signal,
}: {
  http: HttpClient;
  origin: string;
  userAgent: string;
  signal: AbortSignal;
}): Promise<Rules> {
  const robotsUrl = new URL('/robots.txt', origin).href;
  let url = robotsUrl;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const answer = await http.get(url, signal);
    if (answer.status >= 200 && answer.status < 300) {
      const { bytes } = await answer.read({ maxBytes: ROBOTS_MAX_BYTES, overflow: 'cut' });
      // The rules hold for the origin that was asked, even when another one told them.
      const robots = robotsParser(robotsUrl, bytes.toString('utf8'));
      return { isAllowed: (pageUrl) => robots.isAllowed(pageUrl, userAgent) !== false };
    }
    answer.discard();
    const target = redirectTarget(answer, url);
    if (target === null) {
      if (answer.status >= 500 || answer.status === 429) throw serverError(answer.status);
      return ALLOW_ALL;
    }
    url = target;
  }
  return ALLOW_ALL;
}

function redirectTarget(answer: HttpAnswer, url: string): string | null {
  const location = answer.header('location');
  if (answer.status < 300 || answer.status >= 400 || location === null || !URL.canParse(location, url))
    return null;
  const target = new URL(location, url);
  return target.protocol === 'http:' || target.protocol === 'https:' ? target.href : null;
}

const serverError = (status: number): PageError =>
  new PageError({
    code: 'robots_unreachable',
    userMessage: 'The site could not tell what crawlers may read.',
    detail: `HTTP status ${status}`,
    retryable: true,
  });

/** The reason stays the code, so that a host that is down reads as down. */
const unreachableError = (origin: string, reason: PageError): PageError =>
  new PageError({
    code: reason.code,
    userMessage: reason.userMessage,
    detail: `${origin}/robots.txt: ${reason.message}`,
    retryable: reason.retryable,
    cause: reason,
  });
