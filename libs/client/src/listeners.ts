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
