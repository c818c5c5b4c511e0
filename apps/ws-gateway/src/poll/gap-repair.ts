/** What is missing is mostly just late, for the events of two publishers may swap places. */
const PATIENCE_MS = 50;

export interface GapRepair {
  add(jobId: string): void;
  stop(): void;
}

/** Reads what is missing of jobs with a gap, all of a moment together; whoever fails is left to the backup poll. */
export function createGapRepair(
  catchUp: (jobIds: readonly string[]) => Promise<void>,
  onError: (error: unknown) => void,
): GapRepair {
  const missing = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const repair = () => {
    timer = undefined;
    const jobIds = [...missing];
    missing.clear();
    catchUp(jobIds).catch(onError);
  };

  return {
    add(jobId) {
      missing.add(jobId);
      timer ??= setTimeout(repair, PATIENCE_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
