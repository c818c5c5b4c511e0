import type { StoredRequest } from './watch-queue.ts';

/** What Crawlee keeps in a request's user data for itself. */
interface CrawleeData {
  crawlDepth?: number;
  state?: number;
}

export const crawleeData = ({ userData }: StoredRequest): CrawleeData =>
  (userData as { __crawlee?: CrawleeData } | undefined)?.__crawlee ?? {};

/** A request's child; of its own data only the label, since the rest may be anything. Depth is counted as Crawlee does. */
export function payloadOf(request: StoredRequest): Record<string, unknown> {
  const { label } = (request.userData ?? {}) as { label?: unknown };
  return {
    url: request.url,
    ...(request.method && request.method !== 'GET' && { method: request.method }),
    ...(typeof label === 'string' && { label }),
    depth: crawleeData(request).crawlDepth ?? 0,
  };
}
