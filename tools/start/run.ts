import type { StartOptions } from './options.ts';
import type { Ports } from './ports.ts';
import type { StateFolder } from './state-folder.ts';
import type { Terminal } from './terminal.ts';

export interface SupervisorContext {
  root: string;
  options: StartOptions;
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  /** Aborted when everything is to stop. */
  signal: AbortSignal;
  /** Aborted when it is to stop at once. */
  hurry: AbortSignal;
}

/** One run, from the claim of its folder to its release. */
export interface Run extends SupervisorContext {
  ports: Ports;
  page: string;
  folder: StateFolder;
  /** How to take down what stands, in the order in which it was brought up. */
  closers: (() => Promise<void> | void)[];
  /** Aborted when the parts are being taken down. */
  closing: AbortSignal;
}

/** Told to stop while something was being got ready. */
export class StoppedError extends Error {
  readonly code = 'stopped';
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new StoppedError();
}

/** Resolves when it is time to stop. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
