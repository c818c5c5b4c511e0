/** Numbers that a seed alone decides. */
export interface Random {
  /** A whole number, both bounds included. */
  int(min: number, max: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** A stream of its own for each part of a run, so that what one draws does not depend on the others. */
export function createRandom(seed: number, part: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(part + 1, 0x85ebca6b);
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    int,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
  };
}
