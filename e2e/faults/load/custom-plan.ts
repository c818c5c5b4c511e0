import type { Random } from '../random.ts';

/** What one custom parent goes through; drawn from the seed before it begins. */
export interface CustomPlan {
  /** Children of each batch; none for a parent without children. */
  batches: readonly number[];
  /** The children come with the parent, which is sealed by that. */
  bornSealed: boolean;
  cancel: 'never' | 'before its children' | 'midway';
  /** Statuses go one by one, or many in one request. */
  reporting: 'singly' | 'in bulk';
  /** Between two batches. */
  pauseMs: number;
  /** From the last child's end to the seal. */
  sealAfterMs: number;
}

/** How one child is worked on. */
export interface ChildPlan {
  end: 'completed' | 'failed';
  /** Nobody says that it runs. */
  endsUnannounced: boolean;
  /** A second attempt takes it over; the first one's report comes too late. */
  takenOver: boolean;
  /** Two ends are reported at the same time. */
  contested: boolean;
  /** The same report comes again after so long. */
  repeatAfterMs: number | null;
}

export function planCustom(random: Random): CustomPlan {
  const bornSealed = random.chance(0.15);
  const count = random.chance(0.1) ? 0 : bornSealed ? 1 : random.int(1, 5);
  return {
    batches: Array.from({ length: count }, () => random.int(1, 16)),
    bornSealed,
    cancel: random.chance(0.08) ? 'before its children' : random.chance(0.1) ? 'midway' : 'never',
    reporting: random.chance(0.6) ? 'in bulk' : 'singly',
    pauseMs: random.int(150, 700),
    sealAfterMs: random.chance(0.3) ? random.int(300, 2_500) : 0,
  };
}

export function planChild(random: Random, repeatMaxMs: number): ChildPlan {
  return {
    end: random.chance(0.85) ? 'completed' : 'failed',
    endsUnannounced: random.chance(0.1),
    takenOver: random.chance(0.08),
    contested: random.chance(0.04),
    repeatAfterMs: random.chance(0.1) ? random.int(0, repeatMaxMs) : null,
  };
}
