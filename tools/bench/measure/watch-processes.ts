import { type ProcessUsage, readProcessUsage } from './process-usage.ts';

export interface ProcessWatch {
  /** CPU seconds since the start and the peak of memory; empty where the system does not tell. */
  stop(): Usages;
}
/** By the name of the process. */
export type Usages = Record<string, { cpuSeconds: number; peakMemoryMiB: number }>;

const LOOK_EVERY_MS = 500;

/** Watches processes, each with its descendants, by their names. */
export function watchProcesses(pids: Readonly<Record<string, number>>): ProcessWatch {
  const seen = new Map<string, { first: ProcessUsage; last: ProcessUsage; peakMemoryMiB: number }>();
  const look = () => {
    for (const [name, pid] of Object.entries(pids)) {
      const usage = readProcessUsage(pid);
      if (!usage) continue;
      const { first = usage, peakMemoryMiB = 0 } = seen.get(name) ?? {};
      seen.set(name, { first, last: usage, peakMemoryMiB: Math.max(peakMemoryMiB, usage.memoryMiB) });
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return Object.fromEntries(
        [...seen].map(([name, { first, last, peakMemoryMiB }]) => [
          name,
          { cpuSeconds: last.cpuSeconds - first.cpuSeconds, peakMemoryMiB },
        ]),
      );
    },
  };
}
