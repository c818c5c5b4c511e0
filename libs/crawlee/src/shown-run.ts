import type { ParentOptions, ParentReporter, Reporter } from '@progeny/reporter';
import { type CrawlRun, createCrawlRun, type LeftOver } from './crawl-run.ts';
import { createRepair } from './repair.ts';

/** One run as it is shown: its parent, and what it takes until that has ended. */
export interface ShownRun {
  parent: ParentReporter;
  crawl: CrawlRun;
  /** Ends what is open and seals the parent. */
  end(leftOver: LeftOver): void;
  flush(timeoutMs: number): Promise<boolean>;
  /** What is lost of it from now on stays lost. */
  forget(): void;
}

export function createShownRun(reporter: Reporter, options: ParentOptions): ShownRun {
  const parent = reporter.parent(options);
  const crawl = createCrawlRun(parent);
  let hasEnded = false;
  let onSealed = (_: boolean) => {};
  const sealed = new Promise<boolean>((resolve) => {
    onSealed = resolve;
  });
  const seal = () => {
    parent.seal();
    onSealed(true);
  };
  const repair = createRepair({
    reporter,
    parent,
    restate: (key) => crawl.restate(key),
    onWhole() {
      if (hasEnded) seal();
    },
  });

  return {
    parent,
    crawl,
    end(leftOver) {
      crawl.end(leftOver);
      hasEnded = true;
      // While something is to be said again the seal would leave it out.
      if (repair.isWhole) seal();
    },
    async flush(timeoutMs) {
      const untilMs = performance.now() + timeoutMs;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      const isSealed = await Promise.race([sealed, late]);
      clearTimeout(timer);
      if (!isSealed) return false;
      const isTaken = await reporter.flush(Math.max(0, untilMs - performance.now()));
      return isTaken && repair.isWhole;
    },
    forget: () => repair.stop(),
  };
}
