import type { Loss, ParentReporter } from './reporter.ts';

export interface LossBook {
  note(parent: ParentReporter, key?: string): void;
  listen(listener: (loss: Loss) => void): () => void;
  /** Tells what was noted since. */
  tell(): void;
}

/** Keys of what was given up, parent by parent, until they are told. `soon` has it told later. */
export function createLossBook(soon: () => void): LossBook {
  const listeners = new Set<(loss: Loss) => void>();
  let noted = new Map<ParentReporter, Set<string>>();
  return {
    note(parent, key) {
      if (noted.size === 0) soon();
      const keys = noted.get(parent) ?? new Set();
      noted.set(parent, keys);
      if (key !== undefined) keys.add(key);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell() {
      const told = noted;
      noted = new Map();
      for (const [parent, keys] of told) {
        for (const listener of listeners) listener({ parent, keys: [...keys] });
      }
    },
  };
}
