import { readdirSync } from 'node:fs';
import { readMetrics, sampleOf } from '../bench/measure/prometheus.ts';
import type { Inspector } from './inspector.ts';

/** What a gateway holds when nobody is there. */
export interface Standing {
  /** After a collection of garbage, with buffers. */
  heapMiB: number;
  /** Null where there is no /proc. */
  openFiles: number | null;
  connections: number;
  watchedJobs: number;
  busSubscriptions: number;
}

const GAUGES = {
  connections: 'connections',
  watchedJobs: 'watched_jobs',
  busSubscriptions: 'bus_subscriptions',
};

/** What it may hold more than at the start. */
export const TOLERANCE: Readonly<Record<keyof Standing, number>> = {
  /** Code that has become warm, and what V8 keeps to itself. */
  heapMiB: 3,
  /** Of the database's pool, which has two connections, and of whoever asks for metrics. */
  openFiles: 4,
  connections: 0,
  watchedJobs: 0,
  busSubscriptions: 0,
};

export async function readStanding(
  gateway: { address: string; pid: number },
  inspector: Inspector,
): Promise<Standing> {
  const metrics = await readMetrics(`http://${gateway.address}`);
  return {
    heapMiB: (await inspector.usedBytes()) / 2 ** 20,
    openFiles: countFiles(gateway.pid),
    connections: sampleOf(metrics, GAUGES.connections),
    watchedJobs: sampleOf(metrics, GAUGES.watchedJobs),
    busSubscriptions: sampleOf(metrics, GAUGES.busSubscriptions),
  };
}

export const isAtRest = ({ connections, watchedJobs, busSubscriptions }: Standing): boolean =>
  connections + watchedJobs + busSubscriptions === 0;

function countFiles(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

/** What is more at the end than it was at the start, beyond the tolerance; nothing when all is back. */
export function findLeaks(start: Standing, end: Standing): string[] {
  const names = Object.keys(TOLERANCE) as (keyof Standing)[];
  return names.flatMap((name) => {
    const before = start[name] ?? 0;
    const after = end[name] ?? 0;
    if (after - before <= TOLERANCE[name]) return [];
    return `${name} rose from ${short(before)} to ${short(after)}; ${TOLERANCE[name]} more would be within bounds`;
  });
}

export const short = (value: number): string => String(Math.round(value * 10) / 10);
