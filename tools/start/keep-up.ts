import { setTimeout as delay } from 'node:timers/promises';
import type { Server } from './servers.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

export interface KeepUpOptions {
  name: string;
  /** Brings it back where it was: whoever uses it knows only that address. */
  again: () => Promise<Server>;
  onNotice: (text: string) => void;
  /** Aborted when it is to stay down. */
  closing: AbortSignal;
}

/** Starts a server again whenever it ends without being asked to. Returns how to stop whichever runs then. */
export function keepUp(first: Server, options: KeepUpOptions): () => Promise<void> {
  let current = first;
  let restarting: Promise<void> = Promise.resolve();
  const watch = (server: Server): void => {
    void server.ended.then(() => {
      if (options.closing.aborted) return;
      restarting = restart(options).then((next) => {
        if (!next) return;
        current = next;
        watch(next);
      });
    });
  };
  watch(first);
  return async () => {
    await restarting;
    await current.stop();
  };
}

/** Tries till it works; null when there is no need any more. */
async function restart({ name, again, onNotice, closing }: KeepUpOptions): Promise<Server | null> {
  onNotice(`${name} ended by itself; starting it again`);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const next = await again();
      onNotice(`${name} works again`);
      return next;
    } catch (error) {
      onNotice(`${name} does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
    await delay(pauseMs, undefined, { signal: closing }).catch(() => {});
    if (closing.aborted) return null;
  }
}
