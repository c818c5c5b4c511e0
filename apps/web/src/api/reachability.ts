/** Whether the API answered last time. A store that components can listen to. */
export interface Reachability {
  set(isReachable: boolean): void;
  getSnapshot(): boolean;
  subscribe(listener: () => void): () => void;
}

export function createReachability(): Reachability {
  const listeners = new Set<() => void>();
  let current = true;
  return {
    set: (isReachable) => {
      if (isReachable === current) return;
      current = isReachable;
      for (const listener of listeners) listener();
    },
    getSnapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
