import type { Service } from './service.ts';

/** Registers how something is closed; what was opened last is closed first. */
export type OnStop = (close: () => unknown) => void;

/**
 * A service out of what it opens. `open` registers the end of each thing as soon as it stands, so that a start that
 * fails half-way leaves nothing open, and `stop` closes everything even where one end throws.
 */
export function createService(name: string, open: (onStop: OnStop) => Promise<void>): Service {
  const ends: (() => unknown)[] = [];
  let starting: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const closeAll = async () => {
    const faults: unknown[] = [];
    for (const end of ends.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length === 1) throw faults[0];
    if (faults.length > 1) throw new AggregateError(faults, `${name} could not close everything`);
  };

  return {
    name,
    start() {
      starting ??= open((close) => void ends.push(close)).catch(async (error) => {
        await closeAll().catch(() => undefined);
        throw error;
      });
      return starting;
    },
    stop() {
      closing ??= (async () => {
        await starting?.catch(() => undefined);
        await closeAll();
      })();
      return closing;
    },
  };
}
