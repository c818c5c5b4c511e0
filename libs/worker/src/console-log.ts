import type { WorkerLog } from './worker.ts';

/** Where a program has no log of its own: what somebody should look at. */
export const CONSOLE_LOG: WorkerLog = {
  debug() {},
  info() {},
  warn: (fields, message) => console.warn(`progeny worker: ${message}`, fields),
  error: (fields, message) => console.error(`progeny worker: ${message}`, fields),
};
