/** How many each of many may have at a time. */
export interface Places {
  /** Takes one; null when all that are due to `key` are taken. The answer gives it back, and is idempotent. */
  take(key: string): (() => void) | null;
}

export function createPlaces({ each }: { each: number }): Places {
  const taken = new Map<string, number>();
  return {
    take(key) {
      const count = taken.get(key) ?? 0;
      if (count >= each) return null;
      taken.set(key, count + 1);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        const left = (taken.get(key) ?? 0) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}
