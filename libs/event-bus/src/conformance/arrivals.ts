export interface Arrivals<T> {
  readonly all: readonly T[];
  push(item: T): void;
  /** Resolves once so many have arrived, with all of them. */
  atLeast(count: number): Promise<readonly T[]>;
}

/** What a handler was given, to be waited for. */
export function createArrivals<T>(): Arrivals<T> {
  const all: T[] = [];
  let waiting: { count: number; resolve: (items: readonly T[]) => void }[] = [];
  return {
    all,
    push(item) {
      all.push(item);
      for (const { count, resolve } of waiting) if (all.length >= count) resolve(all);
      waiting = waiting.filter(({ count }) => all.length < count);
    },
    atLeast(count) {
      if (all.length >= count) return Promise.resolve(all);
      return new Promise((resolve) => waiting.push({ count, resolve }));
    },
  };
}

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Holds a handler until the test lets it go on. */
export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export const never = () => new Promise<never>(() => {});

/** For states that announce no change. The test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
