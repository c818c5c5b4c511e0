import type { ParentJobProgress } from '@progeny/contract';
import { openViewer } from '../viewer.ts';

/** One WebSocket viewer that adds up what the frames of some parents say. */
export interface CountsViewer {
  /** Completed children in all parents after each frame. */
  readonly frames: readonly { atMs: number; completed: number }[];
  readonly latest: ReadonlyMap<string, ParentJobProgress>;
  /** How many children are completed and how many parents have, by the last frames. */
  seen(): { completed: number; ended: number };
  /** Resolves with the time of the frame by which so many children are completed and so many parents are. */
  until(children: number, parents: number): Promise<number>;
  close(): void;
}

export async function openCountsViewer(gatewayUrl: string, jobIds: readonly string[]): Promise<CountsViewer> {
  const wanted = new Set(jobIds);
  const latest = new Map<string, ParentJobProgress>();
  const frames: { atMs: number; completed: number }[] = [];
  const waiting = new Set<() => void>();
  let completed = 0;
  let ended = 0;
  const viewer = await openViewer(gatewayUrl, (progress, atMs) => {
    if (!wanted.has(progress.job_id)) return;
    const before = latest.get(progress.job_id);
    latest.set(progress.job_id, progress);
    completed += progress.completed_children - (before?.completed_children ?? 0);
    if (progress.status === 'completed' && before?.status !== 'completed') ended += 1;
    frames.push({ atMs, completed });
    for (const look of [...waiting]) look();
  });
  return {
    frames,
    latest,
    seen: () => ({ completed, ended }),
    until: (children, parents) =>
      new Promise((resolve) => {
        const look = () => {
          if (completed < children || ended < parents) return;
          waiting.delete(look);
          resolve(frames.at(-1)?.atMs ?? Number.NaN);
        };
        waiting.add(look);
        look();
      }),
    close: () => viewer.close(),
  };
}
