import type { ParentJobProgress } from '@progeny/contract';
import type { ProgressFeed, WaitedFor } from './progress-feed.ts';

export interface LongPollOptions<State extends { version: number }> {
  /** The state as it stood in the ledger when the request came. */
  first: State;
  /** The state as it stands there now. */
  read(): Promise<State>;
  /** Whether whoever asks does not have this state yet. */
  isNews(state: State): boolean;
  /** The state that a published snapshot is; null when it says no more than that something may have changed. */
  stateOf(progress: ParentJobProgress): State | null;
  feed: ProgressFeed;
  /** Whose progress wakes. */
  job: WaitedFor;
  waitMs: number;
  /** Aborted when whoever asked has gone. */
  gone: AbortSignal;
}

/**
 * The state as soon as it is news, else as it is after `waitMs`, when the manager stops, or when too many wait.
 * Registers before it reads again, so that no change falls between the two; an event that was lost costs the wait at
 * most.
 */
export async function longPoll<State extends { version: number }>(
  options: LongPollOptions<State>,
): Promise<State> {
  const { first, read, isNews, stateOf, feed, job, waitMs, gone } = options;
  let state = first;
  if (waitMs <= 0 || gone.aborted || isNews(state)) return state;

  const bell = createBell();
  let told: State | null = null;
  let isOver = false;
  const end = () => {
    isOver = true;
    bell.ring();
  };
  const wait = feed.wait(job, {
    onTold(progress) {
      const next = progress && stateOf(progress);
      // A snapshot may come late, and must not be taken for news by whoever has a newer one.
      if (next && next.version <= state.version) return;
      told = next;
      bell.ring();
    },
    onEnd: end,
  });
  if (!wait) return state;
  const timer = setTimeout(end, waitMs);
  gone.addEventListener('abort', end);
  void wait.stands.then(bell.ring);
  try {
    do {
      await bell.rung();
      if (told || gone.aborted) return told ?? state;
      state = await read();
    } while (!isOver && !isNews(state));
    return state;
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', end);
    wait.leave();
  }
}

/** Wakes its one listener; a ring that nobody listened to is kept. */
function createBell() {
  let isRinging = false;
  let wake = () => {};
  return {
    ring() {
      isRinging = true;
      wake();
    },
    async rung() {
      if (!isRinging) await new Promise<void>((resolve) => (wake = resolve));
      isRinging = false;
    },
  };
}
