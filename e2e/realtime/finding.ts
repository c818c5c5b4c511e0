/** What a proof has found. */
export interface Finding {
  name: string;
  /** What must not be, in words; empty when the guarantee holds. */
  faults: string[];
  numbers: Readonly<Record<string, number>>;
}
