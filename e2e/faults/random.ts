/** Numbers that a seed alone decides. */
export interface Random {
  /** A whole number, both bounds included. */
  int(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
}

/**
 * A stream of its own for each path: what one part of the run draws does not depend on how much another has drawn,
 * nor on time, so the same seed gives the same plans.
 */
export function createRandom(seed: number, ...path: readonly (string | number)[]): Random {
  let state = hashOf([seed, ...path].join('/'));
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    int,
    chance: (probability) => next() < probability,
    pick<Item>(items: readonly Item[]): Item {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[int(0, items.length - 1)] as Item;
    },
    shuffled<Item>(items: readonly Item[]): Item[] {
      const left = [...items];
      return items.map(() => left.splice(int(0, left.length - 1), 1)[0] as Item);
    },
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
