import type { ProgenyClientError } from '@progeny/client';

/** How the reading of something stands. */
export interface ReadingState {
  isLoading: boolean;
  error: ProgenyClientError | null;
}

export const NOTHING_READ: ReadingState = { isLoading: true, error: null };

export interface Reading {
  /** Reads at once, or, when it was read a moment ago, at the end of the gap; however often it is asked, once then. */
  request(): void;
  stop(): void;
}

/**
 * Reads again and again, one read at a time and at least `gapMs` between their beginnings. A read that was asked for
 * while another was under way comes behind it, so that nothing from before the request is the last word.
 */
export function createReading<Answer>({
  read,
  onRead,
  onFailed,
  gapMs,
}: {
  read: (signal: AbortSignal) => Promise<Answer>;
  onRead: (answer: Answer) => void;
  onFailed: (error: ProgenyClientError) => void;
  gapMs: number;
}): Reading {
  const stopping = new AbortController();
  let mode: 'idle' | 'reading' | 'resting' = 'idle';
  let isWanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const run = async (): Promise<void> => {
    mode = 'reading';
    isWanted = false;
    const rested = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, gapMs);
    });
    try {
      const answer = await read(stopping.signal);
      if (!stopping.signal.aborted) onRead(answer);
    } catch (error) {
      if (!stopping.signal.aborted) onFailed(error as ProgenyClientError);
    }
    mode = 'resting';
    await rested;
    mode = 'idle';
    if (isWanted && !stopping.signal.aborted) void run();
  };

  return {
    request() {
      isWanted = true;
      if (mode === 'idle') void run();
    },
    stop() {
      clearTimeout(timer);
      stopping.abort();
    },
  };
}
