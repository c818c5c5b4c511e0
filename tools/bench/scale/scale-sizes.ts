import type { Family } from '../pipeline/add-children.ts';

export interface ScaleSizes {
  /** Parents of a thousand, as many children together as one stretch has. */
  thousand: Family;
  big: Family;
  many: Family;
  /** Children of the big parent between two looks at the rate. */
  stretch: number;
  /** After each so many stretches one of parents of a thousand is run beside it. */
  pairEvery: number;
}

/** For 50,000: 50 parents of a thousand, one of a million, 10,000 of a hundred; for less the same in small. */
export function scaleSizes(children: number): ScaleSizes {
  const each = Math.min(1_000, children);
  return {
    thousand: { parents: Math.ceil(children / each), childrenEach: each },
    big: { parents: 1, childrenEach: children * 20 },
    many: { parents: Math.ceil(children / 5), childrenEach: 100 },
    stretch: children,
    pairEvery: 4,
  };
}
