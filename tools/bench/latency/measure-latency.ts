import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { startBenchStack } from '../bench-stack.ts';
import { median } from '../statistics.ts';
import { type Latency, measureCommitToFrame } from './commit-to-frame.ts';

export interface LatencyLoad {
  rounds: number;
  parents: number;
  changesPerSecond: number;
  seconds: number;
}

/** Children in one request: as workers send them, and the dearest that there is. */
const CASES = { 'changes in batches of 5': 5, 'changes one by one': 1 };

/** Medians of the rounds, by the name of the case. */
export async function measureLatency({ rounds, ...load }: LatencyLoad): Promise<Record<string, Latency>> {
  const stack = await startBenchStack();
  const log = { warn: console.error, error: console.error };
  const bus = connectNatsEventBus({ url: stack.natsUrl, name: 'bench', log });
  try {
    await bus.connected;
    const results: Record<string, Latency> = {};
    for (const [name, batch] of Object.entries(CASES)) {
      const measured: Latency[] = [];
      for (let round = 0; round < rounds; round += 1) {
        measured.push(await measureCommitToFrame(stack, bus, { ...load, batch }));
      }
      const of = (read: (latency: Latency) => number) => median(measured.map(read));
      results[name] = {
        p50Ms: of((latency) => latency.p50Ms),
        p95Ms: of((latency) => latency.p95Ms),
        p99Ms: of((latency) => latency.p99Ms),
        changes: of((latency) => latency.changes),
        frames: of((latency) => latency.frames),
      };
    }
    return results;
  } finally {
    await bus.close();
    await stack.stop();
  }
}
