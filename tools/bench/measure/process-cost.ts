import { median } from '../statistics.ts';
import type { Usages } from './watch-processes.ts';

/** What a process cost. */
export interface ProcessCost {
  cpuSecondsPer50k: number;
  peakMemoryMiB: number;
}

/** For each process the median of its CPU seconds for 50,000 children, and the peak of all rounds. */
export function summarizeUsages(rounds: readonly Usages[], children: number): Record<string, ProcessCost> {
  const names = new Set(rounds.flatMap((usages) => Object.keys(usages)));
  return Object.fromEntries(
    [...names].map((name) => {
      const own = rounds.flatMap((usages) => usages[name] ?? []);
      const cpuSeconds = median(own.map((usage) => usage.cpuSeconds));
      return [
        name,
        {
          cpuSecondsPer50k: round2((cpuSeconds / children) * 50_000),
          peakMemoryMiB: Math.round(Math.max(...own.map((usage) => usage.peakMemoryMiB))),
        },
      ];
    }),
  );
}

/** All processes together; null when nothing is known of any. */
export function cpuOf(costs: Readonly<Record<string, ProcessCost>>): number | null {
  const all = Object.values(costs);
  return all.length === 0 ? null : round2(all.reduce((sum, cost) => sum + cost.cpuSecondsPer50k, 0));
}

const round2 = (value: number) => Math.round(value * 100) / 100;
