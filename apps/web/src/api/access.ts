/** What the API's last answer says: it serves us, it is away, or it does not know who we are. */
export type Access = 'granted' | 'unreachable' | 'signed_out';

/** A store that components can listen to. */
export interface AccessStore {
  /** Told after each request. Once signed out it stays so: asking on would only be refused again. */
  set(access: Access): void;
  /** Somebody has signed in, or hopes so: the next answers tell. */
  tryAgain(): void;
  getSnapshot(): Access;
  subscribe(listener: () => void): () => void;
}

export function createAccess(): AccessStore {
  const listeners = new Set<() => void>();
  let current: Access = 'granted';
  const change = (next: Access): void => {
    if (next === current) return;
    current = next;
    for (const listener of listeners) listener();
  };
  return {
    set: (access) => {
      if (current !== 'signed_out') change(access);
    },
    tryAgain: () => change('granted'),
    getSnapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
