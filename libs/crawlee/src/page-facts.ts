import type { SeenContext } from './crawler-inside.ts';

/** What is known of a page when its handler begins. */
export interface PageFacts {
  http_status?: number;
  title?: string;
}

const TITLE_MAX_CHARS = 500;

/** Whatever the crawler has already parsed; nothing is fetched, parsed or asked of a browser for it. */
export function pageFacts(context: SeenContext): PageFacts {
  const status = httpStatusOf(context.response);
  const title = titleOf(context)?.replace(/\s+/g, ' ').trim().slice(0, TITLE_MAX_CHARS);
  return { ...(status !== undefined && { http_status: status }), ...(title && { title }) };
}

/** Of Node's message or of a browser's response. */
export function httpStatusOf(response: unknown): number | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  const { statusCode, status } = response as { statusCode?: unknown; status?: unknown };
  const value = typeof status === 'function' ? status.call(response) : (statusCode ?? status);
  return typeof value === 'number' ? value : undefined;
}

interface CheerioNodes {
  children(selector: string): CheerioNodes;
  first(): CheerioNodes;
  text(): string;
}

/** Of Cheerio, or of a DOM in this process. */
function titleOf({ $, window }: SeenContext): string | undefined {
  const { root } = ($ ?? {}) as { root?: () => CheerioNodes };
  // Step by step: a search for it would walk through the whole page.
  if (root) return root.call($).children('html').children('head').children('title').first().text();
  const title = (window as { document?: { title?: unknown } } | undefined)?.document?.title;
  return typeof title === 'string' ? title : undefined;
}
