import type { DemoPage, PageOutcome } from './demo-page.ts';

/** The end of a complete crawl: every linked address once, whatever its spellings, and the buckets' sizes. */
export interface ExpectedCrawl {
  total: number;
  completed: number;
  failed: number;
  skipped: number;
  /** Path to outcome. */
  outcomes: Readonly<Record<string, PageOutcome>>;
  /** Path to error code, for what fails or is skipped. */
  errorCodes: Readonly<Record<string, string>>;
}

export function expectedOf(pages: readonly DemoPage[]): ExpectedCrawl {
  const count = (outcome: PageOutcome) => pages.filter((page) => page.outcome === outcome).length;
  return {
    total: pages.length,
    completed: count('completed'),
    failed: count('failed'),
    skipped: count('skipped'),
    outcomes: Object.fromEntries(pages.map((page) => [page.path, page.outcome])),
    errorCodes: Object.fromEntries(
      pages.flatMap(({ path, errorCode }) => (errorCode ? [[path, errorCode]] : [])),
    ),
  };
}
