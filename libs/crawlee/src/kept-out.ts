import { Request } from '@crawlee/basic';
import type { CrawlRun } from './crawl-run.ts';
import { ENDED_WITHOUT, type SkipReason, skipError } from './job-errors.ts';

/** URLs that a crawl did not let into its queue and that are shown; beyond, they are only counted. */
export const KEPT_OUT_MAX = 2_000;

/** URLs that a crawl found and left alone, also before its run. */
export interface KeptOut {
  add(skipped: { url: string; reason: SkipReason }): void;
  beginRun(run: CrawlRun): void;
  /** Tells those that nothing has let in after all. Returns how many are not shown because there are too many. */
  endRun(): number;
}

/** What robots.txt forbids is told at once. What a limit kept out may come in by another page: it is told at the end. */
export function createKeptOut(): KeptOut {
  const reasons = new Map<string, SkipReason>();
  let run: CrawlRun | null = null;
  let notShown = 0;
  const isFinal = (reason: SkipReason): boolean => skipError(reason) === ENDED_WITHOUT.robots;
  const tell = (url: string, reason: SkipReason): void => {
    const error = skipError(reason);
    if (error) run?.keptOut(new Request({ url }).uniqueKey, url, error);
  };
  return {
    add({ url, reason }) {
      // A redirect was in the queue: its end says so.
      if (reasons.has(url) || reason === 'redirect' || skipError(reason) === null) return;
      if (reasons.size >= KEPT_OUT_MAX) {
        notShown += 1;
        return;
      }
      reasons.set(url, reason);
      if (isFinal(reason)) tell(url, reason);
    },
    beginRun(begun) {
      run = begun;
      for (const [url, reason] of reasons) if (isFinal(reason)) tell(url, reason);
    },
    endRun() {
      for (const [url, reason] of reasons) if (!isFinal(reason)) tell(url, reason);
      const left = notShown;
      reasons.clear();
      run = null;
      notShown = 0;
      return left;
    },
  };
}
