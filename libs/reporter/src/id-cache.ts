/** Ids by key, the newest `max` of them; the manager tells again what was dropped. */
export interface IdCache {
  get(name: string): string | undefined;
  set(name: string, id: string): void;
  delete(name: string): void;
}

export function createIdCache(max: number): IdCache {
  const ids = new Map<string, string>();
  return {
    get: (name) => ids.get(name),
    set(name, id) {
      ids.delete(name);
      ids.set(name, id);
      if (ids.size <= max) return;
      const [oldest] = ids.keys();
      if (oldest !== undefined) ids.delete(oldest);
    },
    delete: (name) => void ids.delete(name),
  };
}
