import { availableParallelism, loadavg } from 'node:os';

/** Beyond this nothing would be shown in the time that a test has. */
const MOST = 5;

/**
 * How many times as long as alone a process waits for its turn on this machine now: 1 while there are processors for
 * all that wants to run, and where the system does not tell.
 */
export const crowding = (): number =>
  Math.min(MOST, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));
