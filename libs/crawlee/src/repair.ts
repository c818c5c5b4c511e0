import type { ParentReporter, Reporter } from '@progeny/reporter';

/** So many are said again before the reporter is asked whether it has room for more. */
const REPAIR_BATCH = 500;
/** How long one wait for room lasts, before it is begun anew. */
const ROOM_TIMEOUT_MS = 60_000;

export interface RepairParts {
  reporter: Reporter;
  parent: ParentReporter;
  restate(key: string): void;
  /** Nothing that was lost is still to be said again. */
  onWhole(): void;
}

/** Says again what the reporter gave up of one parent, once the manager takes reports again. */
export interface Repair {
  readonly isWhole: boolean;
  stop(): void;
}

export function createRepair({ reporter, parent, restate, onWhole }: RepairParts): Repair {
  const lost = new Set<string>();
  let isRepairing = false;
  let isStopped = false;

  const repair = async (): Promise<void> => {
    while (lost.size > 0 && reporter.isOnline && !isStopped) {
      for (const key of [...lost].slice(0, REPAIR_BATCH)) {
        lost.delete(key);
        restate(key);
      }
      await reporter.hasRoom(ROOM_TIMEOUT_MS);
    }
    isRepairing = false;
    if (lost.size === 0 && !isStopped) onWhole();
  };
  const look = (): void => {
    if (isRepairing || isStopped || !reporter.isOnline) return;
    isRepairing = true;
    void repair();
  };
  const stopHearing = [
    reporter.onOnline(look),
    reporter.onLost((loss) => {
      if (loss.parent !== parent) return;
      for (const key of loss.keys) lost.add(key);
      look();
    }),
  ];
  return {
    get isWhole() {
      return lost.size === 0 && !isRepairing;
    },
    stop() {
      isStopped = true;
      for (const stop of stopHearing) stop();
    },
  };
}
