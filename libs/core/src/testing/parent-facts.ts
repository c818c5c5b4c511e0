import { zeroCounts } from '../counts.ts';
import type { ParentFacts } from '../parent-status.ts';

/** A sealed parent without children, of which nobody ordered anything. */
export const NO_FACTS: ParentFacts = {
  counts: zeroCounts,
  sealed: true,
  stopped: null,
  paused: false,
  retrying: false,
  reopened: false,
  sealExpired: false,
};
