/** How a crawl of the demo site must end for one address. */
export type PageOutcome = 'completed' | 'failed' | 'skipped';

export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

/** One address of the demo site. */
export interface DemoPage {
  /** As a crawler normalises it. */
  path: string;
  outcome: PageOutcome;
  /** What goes wrong, for the outcomes `failed` and `skipped`. */
  errorCode?: string;
  /** Left out: derived from the path, see `latencyOf`. */
  latencyMs?: number;
  /** `hit` counts the requests for this path since the server started, from 1. */
  answer(hit: number): Answer;
}

const FASTEST_MS = 120;
const SPREAD_MS = 400;

/**
 * Between 120 and 520 ms, always the same for one path. With four requests at a time, which is what a polite crawler
 * sends to one host, the whole site takes some ten seconds: long enough to watch.
 */
export const latencyOf = ({ path, latencyMs }: DemoPage): number =>
  latencyMs ?? FASTEST_MS + (hashOf(path) % SPREAD_MS);

/** FNV-1a. Whatever varies on the site varies by it, so that every start serves the same bytes. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
