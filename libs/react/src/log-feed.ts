import type { ProgenyClient } from '@progeny/client';
import { createReading, NOTHING_READ } from './reading.ts';
import type { JobLogState } from './use-job-log.ts';

/** Between two reads of one log. */
const READ_GAP_MS = 1_000;
/** A log that could not be read is asked for again. */
const READ_AGAIN_MS = 5_000;

export interface LogFeed {
  /** The same object until it changes. */
  get(): JobLogState;
  /** Watches and reads until the way out, which it returns, is taken. */
  follow(onChange: () => void): () => void;
}

/** The lines come from the fold that made the counts, so each new version of these is a reason to read. */
export function createLogFeed(client: ProgenyClient, jobId: string): LogFeed {
  let state: JobLogState = { lines: [], ...NOTHING_READ };

  return {
    get: () => state,
    follow(onChange) {
      let version: number | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const set = (next: JobLogState): void => {
        state = next;
        onChange();
      };
      const reading = createReading({
        gapMs: READ_GAP_MS,
        read: (signal) => client.log(jobId, { signal }),
        onRead: (lines) => set({ lines, isLoading: false, error: null }),
        onFailed: (error) => {
          set({ ...state, isLoading: false, error });
          clearTimeout(timer);
          timer = setTimeout(reading.request, READ_AGAIN_MS);
        },
      });
      const look = (): void => {
        const newest = client.getJob(jobId)?.version;
        if (newest === version) return;
        version = newest;
        reading.request();
      };
      const leave = client.subscribeJob(jobId, look);
      const watch = client.watch(jobId, undefined, { acrossRuns: true });
      version = client.getJob(jobId)?.version;
      reading.request();
      return () => {
        clearTimeout(timer);
        reading.stop();
        watch.stop();
        leave();
      };
    },
  };
}
