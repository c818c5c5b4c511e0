import type { ParentJobProgress } from '@progeny/contract';
import { within } from '../measure/within.ts';
import { openViewer } from '../viewer.ts';

/** One WebSocket viewer that knows the last frame of every parent. */
export interface StateViewer {
  /** The time of the first frame that is as wanted, the last one that came by now included. */
  until(jobId: string, isReached: (progress: ParentJobProgress) => boolean): Promise<number>;
  close(): void;
}

/** Beyond this something is stuck. */
const PATIENCE_MS = 900_000;

export async function openStateViewer(gatewayUrl: string): Promise<StateViewer> {
  const latest = new Map<string, { progress: ParentJobProgress; atMs: number }>();
  const waiting = new Set<() => void>();
  const viewer = await openViewer(gatewayUrl, (progress, atMs) => {
    latest.set(progress.job_id, { progress, atMs });
    for (const look of [...waiting]) look();
  });
  return {
    until(jobId, isReached) {
      const reached = new Promise<number>((resolve) => {
        const look = () => {
          const last = latest.get(jobId);
          if (!last || !isReached(last.progress)) return;
          waiting.delete(look);
          resolve(last.atMs);
        };
        waiting.add(look);
        look();
      });
      const what = () => `the viewer still sees ${latest.get(jobId)?.progress.progress_text}`;
      return within(reached, { ms: PATIENCE_MS, what });
    },
    close: () => viewer.close(),
  };
}
