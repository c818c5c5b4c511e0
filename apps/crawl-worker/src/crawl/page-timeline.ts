import { PAGE_STAGES, type PageStage } from '@progeny/core';
import type { Job } from '@progeny/worker';

/** Tells how far a page is, and writes its timeline: the one page of its job. */
export interface PageTimeline {
  stage(stage: PageStage): void;
  end(isSuccess: boolean): void;
}

const PAGE_INDEX = 0;

export function createPageTimeline(
  { emit, progress }: Pick<Job, 'emit' | 'progress'>,
  nowMs: () => number = performance.now.bind(performance),
): PageTimeline {
  const beganAt = new Map<PageStage, number>();
  const startedMs = nowMs();
  const since = (ms: number) => Math.round(nowMs() - ms);
  emit({ event: 'pipeline_started' });

  const pageDone = (success: boolean) => {
    const fetchingMs = beganAt.get('fetching');
    if (fetchingMs === undefined) return;
    emit({ event: 'page_done', page_index: PAGE_INDEX, duration_ms: since(fetchingMs), success });
    beganAt.delete('fetching');
  };

  return {
    stage(stage) {
      progress(PAGE_STAGES[stage], stage);
      beganAt.set(stage, nowMs());
      if (stage === 'fetching') emit({ event: 'page_started', page_index: PAGE_INDEX });
      else pageDone(true);
      const extractingMs = beganAt.get('extracting');
      if (stage === 'storing' && extractingMs !== undefined) {
        emit({ event: 'extract_done', duration_ms: since(beganAt.get('parsing') ?? extractingMs) });
      }
    },
    end(isSuccess) {
      pageDone(isSuccess);
      emit({ event: 'pipeline_done', duration_ms: since(startedMs), success: isSuccess });
    },
  };
}
