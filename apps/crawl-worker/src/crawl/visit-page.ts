import {
  type CrawlLimits,
  LIMITS,
  type PagePayload,
  type PageResult,
  type WorkerReport,
} from '@progeny/contract';
import { isInScope, normalizeUrl, type PageStage, scopesOf } from '@progeny/core';
import { classifyFailure, statusError } from './classify-failure.ts';
import { withDeadline } from './deadline.ts';
import { decodeHtml } from './decode-html.ts';
import type { HttpAnswer, HttpClient } from './http-get.ts';
import { invalidResponseError, type PageError } from './page-error.ts';
import { parsePage } from './parse-page.ts';
import type { RobotsCache } from './robots-cache.ts';
import { takeLinks } from './take-links.ts';

/** What a visit says about its page: a report without the job's name. */
export type Visit = Omit<WorkerReport, 'job_id' | 'attempt'>;

export interface VisitTools {
  http: HttpClient;
  robots: RobotsCache;
  timeoutMs: number;
  maxBytes: number;
  nowMs?: () => number;
}

export interface VisitTask {
  page: PagePayload;
  seeds: readonly string[];
  limits: CrawlLimits;
  signal: AbortSignal;
  /** Told of each stage as it begins. */
  onStage(stage: PageStage): void;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches and reads one page. Every fault of the page is a visit too; it rejects only with the reason of `signal`.
 *
 * No redirect is followed: a redirect is a page whose only link is its target. So each address is one child, and
 * a loop ends where an address comes a second time.
 */
export async function visitPage(task: VisitTask, tools: VisitTools): Promise<Visit> {
  const { http, robots, timeoutMs, nowMs = performance.now.bind(performance) } = tools;
  const startedMs = nowMs();
  const durationMs = () => Math.round(nowMs() - startedMs);
  try {
    return await withDeadline({ outer: task.signal, timeoutMs }, async (signal) => {
      if (!(await robots.isAllowed(task.page.url, signal))) return ROBOTS_DISALLOWED;
      task.onStage('fetching');
      const answer = await http.get(task.page.url, signal);
      if (answer.status >= 200 && answer.status < 300) {
        return await readPage({ answer, task, maxBytes: tools.maxBytes, durationMs });
      }
      answer.discard();
      if (REDIRECTS.has(answer.status)) return readRedirect({ answer, task, durationMs });
      throw statusError(answer.status);
    });
  } catch (error) {
    if (task.signal.aborted) throw task.signal.reason;
    return failedVisit(classifyFailure(error), durationMs());
  }
}

const ROBOTS_DISALLOWED: Visit = {
  status: 'skipped',
  retryable: false,
  children: [],
  error: {
    error_code: 'robots_disallowed',
    user_message: 'The site asks crawlers not to read this page.',
    technical_detail: 'robots.txt',
  },
};

export const failedVisit = (error: PageError, durationMs?: number): Visit => ({
  status: 'failed',
  retryable: error.retryable,
  error: error.toJobError(),
  children: [],
  ...(error.httpStatus !== null &&
    durationMs !== undefined && {
      result: { ...emptyResult(error.httpStatus), duration_ms: durationMs } satisfies PageResult,
    }),
});

const emptyResult = (httpStatus: number): Omit<PageResult, 'duration_ms'> => ({
  http_status: httpStatus,
  content_type: null,
  title: null,
  size_bytes: 0,
  sha256: null,
  links_found: 0,
});

interface Answered {
  answer: HttpAnswer;
  task: VisitTask;
  durationMs: () => number;
}

/** A body that is no HTML is a page too: it has a type, a size and a hash, and neither text nor links. */
async function readPage({
  answer,
  task,
  durationMs,
  maxBytes,
}: Answered & { maxBytes: number }): Promise<Visit> {
  const { page } = task;
  const { bytes, sha256 } = await answer.read({ maxBytes, overflow: 'fail' });
  task.onStage('parsing');
  const contentType = answer.header('content-type');
  const parsed = isHtml(contentType, bytes) ? parsePage(decodeHtml(bytes, contentType), page.url) : null;
  task.onStage('extracting');
  const result: PageResult = {
    http_status: answer.status,
    content_type: contentType === null ? null : contentType.slice(0, 200),
    title: parsed?.title ?? null,
    size_bytes: bytes.length,
    sha256: bytes.length > 0 ? sha256 : null,
    links_found: parsed?.links.length ?? 0,
    duration_ms: durationMs(),
  };
  const children = childrenOf({ urls: parsed?.links ?? [], task, depth: page.depth + 1 });
  task.onStage('storing');
  return { status: 'completed', retryable: false, result, children, ...(parsed && { text: parsed.text }) };
}

/** The target has the depth of the page that moved: following it is no step deeper into the site. */
function readRedirect({ answer, task, durationMs }: Answered): Visit {
  const { page } = task;
  task.onStage('extracting');
  const location = answer.header('location');
  const target = location === null ? null : normalizeUrl(location, page.url);
  if (target === null || target.length > LIMITS.childKeyMaxBytes) {
    throw invalidResponseError(`redirect to ${location === null ? 'nowhere' : location.slice(0, 500)}`);
  }
  task.onStage('storing');
  return {
    status: 'completed',
    retryable: false,
    result: {
      ...emptyResult(answer.status),
      links_found: 1,
      duration_ms: durationMs(),
      redirected_to: target,
    } satisfies PageResult,
    children: childrenOf({ urls: [target], task, depth: page.depth }),
  };
}

function childrenOf({ urls, task, depth }: { urls: readonly string[]; task: VisitTask; depth: number }) {
  if (depth > task.limits.max_depth) return [];
  const scopes = scopesOf(task.seeds);
  const own = normalizeUrl(task.page.url);
  return takeLinks(
    urls.filter((url) => url !== own && isInScope(url, scopes)),
    depth,
  );
}

function isHtml(contentType: string | null, bytes: Uint8Array): boolean {
  if (contentType !== null) return /^\s*(text\/html|application\/xhtml\+xml)\s*(;|$)/i.test(contentType);
  const head = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  return /^\s*(<!--[^>]*-->\s*)?<(!doctype html|html|head|body|title|h1|p|div|a)\b/i.test(head);
}
