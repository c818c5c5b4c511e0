/** The samples of one `/metrics`, by name, each with its labels. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;
interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export async function readMetrics(url: string): Promise<Samples> {
  const response = await fetch(`${url}/metrics`);
  return parseMetrics(await response.text());
}

/** The text format of Prometheus. */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)/i.exec(line) ?? [];
    if (name === undefined) continue;
    const all = samples.get(name) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', is = '']) => [label, is]);
    all.push({ labels: Object.fromEntries(pairs), value: Number(value) });
    samples.set(name, all);
  }
  return samples;
}

export const sampleOf = (samples: Samples, name: string): number =>
  (samples.get(name) ?? []).reduce((sum, { value }) => sum + value, 0);

/**
 * The bound of the histogram's bucket below which `share` of what came between two readings lies; null when there is
 * no such histogram or nothing came.
 */
export function quantileBetween(
  { before, after }: { before: Samples; after: Samples },
  { histogram, share }: { histogram: string; share: number },
): number | null {
  const earlier = cumulativeOf(before, histogram);
  const buckets = [...cumulativeOf(after, histogram)]
    .map(([bound, count]) => ({ bound, count: count - (earlier.get(bound) ?? 0) }))
    .sort((a, b) => a.bound - b.bound);
  const all = buckets.at(-1)?.count ?? 0;
  if (all === 0) return null;
  return buckets.find(({ count }) => count >= all * share)?.bound ?? null;
}

function cumulativeOf(samples: Samples, histogram: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { labels, value } of samples.get(`${histogram}_bucket`) ?? []) {
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  return counts;
}
