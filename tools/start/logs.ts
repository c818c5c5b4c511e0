import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';

/** A log that has grown beyond this moves to `.1`, over the one that was there. */
export const LOG_MAX_BYTES = 50 * 1024 * 1024;
const LOOK_EVERY_MS = 10_000;

/** Of the services, gone from run to run; the servers' are open already. */
export function freshLogs(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (!/^(postgres|nats)\.log/.test(name)) rmSync(path.join(folder, name));
  }
}

/** Bounds every log of the folder from now on. Returns how to end that. */
export function keepLogsBounded(folder: string): () => void {
  const timer = setInterval(() => {
    try {
      rotateLogs(folder, LOG_MAX_BYTES);
    } catch {
      // A full disk must not end the run; the next look tries again.
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Copies and empties: each writer keeps its descriptor, which appends, so that it goes on at the new end. Lines
 * written in the moment between are lost.
 */
export function rotateLogs(folder: string, maxBytes: number): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (!name.endsWith('.log') || statSync(file).size <= maxBytes) continue;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  }
}
