const BUCKETS_PER_MS = 20;
const LONGEST_MS = 20_000;

/** Counts milliseconds in steps of a twentieth; as plain numbers it travels between processes. */
export interface LatencyHistogram {
  add(milliseconds: number): void;
  clear(): void;
  /** Pairs of bucket and count, without the empty ones, rising. */
  toPairs(): [bucket: number, count: number][];
}

export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Uint32Array(BUCKETS_PER_MS * LONGEST_MS + 1);
  return {
    add(milliseconds) {
      const bucket = Math.min(counts.length - 1, Math.max(0, Math.floor(milliseconds * BUCKETS_PER_MS)));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    clear: () => void counts.fill(0),
    toPairs() {
      const pairs: [number, number][] = [];
      counts.forEach((count, bucket) => {
        if (count > 0) pairs.push([bucket, count]);
      });
      return pairs;
    },
  };
}

/** The milliseconds below which `share` (0 to 1) of what was counted lies. NaN for nothing. */
export function percentileOf(pairs: readonly [bucket: number, count: number][], share: number): number {
  const all = pairs.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of pairs) {
    seen += count;
    if (seen > all * share || seen === all) return (bucket + 1) / BUCKETS_PER_MS;
  }
  return Number.NaN;
}
