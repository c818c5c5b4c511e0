import { SessionError, type SkippedRequestCallback } from '@crawlee/basic';
import type { JobError } from '@progeny/reporter';
import { httpStatusOf } from './page-facts.ts';

export type SkipReason = Parameters<SkippedRequestCallback>[0]['reason'];

const error = (error_code: string, user_message: string, technical_detail = ''): JobError => ({
  error_code,
  user_message,
  technical_detail,
});

/** Why a request never got a result though it did not fail. */
export const ENDED_WITHOUT = {
  robots: error('robots_disallowed', "The site's robots.txt keeps crawlers out of this page."),
  limit: error('limit_reached', 'The crawl had as many requests as it may.'),
  depth: error('depth_reached', 'The page lies deeper than the crawl goes.'),
  redirect: error('redirected_away', 'The page leads to an address outside of the crawl.'),
  elsewhere: error('handled_elsewhere', 'Another crawler took it out of the queue that they share.'),
  stopped: error('crawl_stopped', 'The crawl was stopped before this request was done.'),
  failed: error('crawl_failed', 'The crawl broke down before this request was done.'),
} as const;

/** Null for what a filter kept out: that was never meant to be part of the crawl. */
export function skipError(reason: SkipReason): JobError | null {
  switch (reason) {
    case 'robotsTxt':
      return ENDED_WITHOUT.robots;
    case 'limit':
    case 'enqueueLimit':
      return ENDED_WITHOUT.limit;
    case 'depth':
      return ENDED_WITHOUT.depth;
    case 'redirect':
      return ENDED_WITHOUT.redirect;
    case 'filters':
      return null;
    default:
      return assertNever(reason);
  }
}

const assertNever = (reason: never): never => {
  throw new Error(`unknown reason: ${String(reason)}`);
};

/** What Node and the HTTP clients call what went wrong on the way. */
const BY_CODE: readonly (readonly [RegExp, string, string])[] = [
  [/^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w+_TIMEOUT)$/, 'timeout', 'The page took too long.'],
  [/^(ENOTFOUND|ENODATA|EAI_\w+|ESERVFAIL)$/, 'dns_failed', 'The address of the host could not be found.'],
  [/^ECONNREFUSED$/, 'connection_refused', 'The server does not accept connections.'],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|EHOSTUNREACH|ENETUNREACH|UND_ERR_SOCKET)$/,
    'connection_lost',
    'The connection to the server was lost.',
  ],
  [
    /^(EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_|UNABLE_TO_)/,
    'tls_failed',
    'No secure connection to the server could be made.',
  ],
];

/** Where the request stood when it failed. */
export interface FailedAt {
  httpStatus?: number | undefined;
  /** Its handler had begun. */
  isHandling: boolean;
}

/** The error of a try, for programs, for people and for whoever debugs. */
export function toJobError(cause: unknown, { httpStatus, isHandling }: FailedAt): JobError {
  const { name, message, stack, code, response } = (
    typeof cause === 'object' && cause !== null ? cause : { message: String(cause) }
  ) as { name?: string; message?: string; stack?: string; code?: unknown; response?: unknown };
  const detail = stack ?? `${name ?? 'Error'}: ${message ?? ''}`;
  if (name === 'TimeoutError' || /timed out after/.test(message ?? '')) {
    return error('timeout', 'The page took too long.', detail);
  }
  const known = BY_CODE.find(([pattern]) => typeof code === 'string' && pattern.test(code));
  if (known) return error(known[1], known[2], detail);
  const status = httpStatusOf(response) ?? (isHandling ? undefined : httpStatus);
  if (status !== undefined && status >= 400) {
    return error(`http_${status}`, `The server answered with status ${status}.`, detail);
  }
  if (cause instanceof SessionError) return error('blocked', 'The site blocks the crawler.', detail);
  if (isHandling) return error('handler_failed', 'The handler of the crawler failed.', detail);
  return error('request_failed', 'The page could not be loaded.', detail);
}
