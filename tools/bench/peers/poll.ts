import { setTimeout as delay } from 'node:timers/promises';

/** As often as our own viewers get a frame. */
const EVERY_MS = 100;

/** Reads until `isEnd` holds for what was read; resolves with how often that was and when it ended. */
export async function poll<Value>(
  read: () => Promise<Value>,
  isEnd: (value: Value) => boolean,
): Promise<{ reads: number; endedMs: number }> {
  for (let reads = 1; ; reads += 1) {
    const nextMs = performance.now() + EVERY_MS;
    if (isEnd(await read())) return { reads, endedMs: performance.timeOrigin + performance.now() };
    await delay(Math.max(0, nextMs - performance.now()));
  }
}
