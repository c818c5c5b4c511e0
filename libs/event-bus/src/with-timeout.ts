import { BusError } from './bus-error.ts';

/** The value, or BusError `timeout` with what was waited for. Leaves no timer behind. */
export async function withTimeout<T>(value: Promise<T>, timeoutMs: number, waitedFor: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new BusError('timeout', `${waitedFor} after ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
