/** Listeners of one kind of news. */
export interface Listeners<News> {
  /** Returns the way out. */
  join(listener: (news: News) => void): () => void;
  /** A listener that throws keeps no other from being told; its error surfaces as an uncaught one. */
  tell(news: News): void;
  readonly size: number;
}

export function createListeners<News>(): Listeners<News> {
  const listeners = new Set<(news: News) => void>();
  return {
    join: (listener) => {
      // Wrapped, so that the same function may join twice and each leave on its own.
      const own = (news: News): void => listener(news);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    tell: (news) => {
      for (const listener of listeners) {
        try {
          listener(news);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
    get size() {
      return listeners.size;
    },
  };
}

/** Listeners by what they listen for. */
export interface KeyedListeners {
  /** Returns the way out. */
  join(key: string, listener: () => void): () => void;
  tell(key: string): void;
  has(key: string): boolean;
}

export function createKeyedListeners(): KeyedListeners {
  const byKey = new Map<string, Listeners<void>>();
  return {
    join(key, listener) {
      const ofKey = byKey.get(key) ?? createListeners<void>();
      byKey.set(key, ofKey);
      const leave = ofKey.join(listener);
      return () => {
        leave();
        if (ofKey.size === 0 && byKey.get(key) === ofKey) byKey.delete(key);
      };
    },
    tell: (key) => byKey.get(key)?.tell(),
    has: (key) => byKey.has(key),
  };
}
