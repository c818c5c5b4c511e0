export interface Waiters {
  /** True as soon as the condition holds, looked at now and at each `look`; false after `timeoutMs`. */
  until(condition: () => boolean, timeoutMs: number): Promise<boolean>;
  look(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();
  return {
    until: (condition, timeoutMs) =>
      new Promise((resolve) => {
        const end = (holds: boolean) => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(holds);
        };
        const look = () => {
          if (condition()) end(true);
        };
        // Somebody waits for it: this timer does keep the process alive.
        const timer = setTimeout(() => end(false), timeoutMs);
        waiting.add(look);
        look();
      }),
    look() {
      for (const look of [...waiting]) look();
    },
  };
}
