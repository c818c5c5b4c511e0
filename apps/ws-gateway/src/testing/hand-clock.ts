/** A clock that stands until it is moved. */
export interface HandClock {
  now(): number;
  after(delayMs: number, task: () => void): { cancel(): void };
  /** Whatever is due on the way is done at its time. */
  move(byMs: number): void;
  /** Tasks that wait. */
  readonly waiting: number;
}

export function createHandClock(startMs = 1_000_000): HandClock {
  const tasks = new Set<{ atMs: number; run: () => void }>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const task = { atMs: nowMs + delayMs, run };
      tasks.add(task);
      return { cancel: () => void tasks.delete(task) };
    },
    move(byMs) {
      const untilMs = nowMs + byMs;
      for (;;) {
        const [next] = [...tasks]
          .filter(({ atMs }) => atMs <= untilMs)
          .sort((one, other) => one.atMs - other.atMs);
        if (!next) break;
        tasks.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = untilMs;
    },
    get waiting() {
      return tasks.size;
    },
  };
}
