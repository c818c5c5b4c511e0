import type { Usages } from '../measure/watch-processes.ts';

/** How a contestant's worker is set; what the numbers mean is its own matter. */
export type Setting = Readonly<Record<string, number>>;

export interface ContestantRun {
  /** How long adding the children takes, before anything runs. */
  addSeconds: number;
  /** From the moment the worker begins until the watcher has seen the end. */
  runSeconds: number;
  /** How often the counts were read, or came, while it ran. */
  reads: number;
  usages: Usages;
}

/** A system that runs a parent's children: its server is up, and its worker is a process of its own. */
export interface Contestant {
  name: string;
  /** Tried before the rounds; the fastest is used. */
  settings: readonly Setting[];
  /** Adds children that do nothing and runs them; rejects unless exactly these were counted. */
  run(children: number, setting: Setting): Promise<ContestantRun>;
  /** What would else be done later, in the time of another: vacuum. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}
