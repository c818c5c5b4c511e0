import { clockMs } from '../measure/serve-commands.ts';
import { cpuSecondsSince, usageOf } from './fanout-scene.ts';
import type { Readers, ReadersTotals } from './reading/readers.ts';

/** What a server's readers got of what was sent, and what it took. */
export interface Observed extends ReadersTotals {
  fromMs: number;
  /** Until each reader had the last of it. */
  seconds: number;
  /** Of the server's process. */
  cpuSeconds: number;
}

/** `send` resolves with the last stamps. Rejects when they do not reach all readers. */
export async function observe(
  pid: number,
  readers: Readers,
  send: () => Promise<readonly number[]>,
): Promise<Observed> {
  await readers.clear();
  const before = usageOf(pid).cpuSeconds;
  const fromMs = clockMs();
  await readers.haveAll(await send());
  const cpuSeconds = cpuSecondsSince(pid, before);
  const seconds = (clockMs() - fromMs) / 1000;
  return { ...(await readers.totals()), fromMs, seconds, cpuSeconds };
}
