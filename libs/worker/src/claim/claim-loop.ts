import { type ClaimReply, LIMITS } from '@progeny/contract';
import { BusError } from '@progeny/event-bus';
import { isTransient } from '@progeny/kit';
import type { ManagerClient } from '../manager/manager-client.ts';
import type { WorkerLog } from '../worker.ts';
import { createPause } from './pause.ts';

export interface ClaimLoop {
  start(): void;
  /** Room or work may have come: don't wait any longer. */
  wake(): void;
  /** Resolves when no claim is under way any more. */
  stop(): Promise<void>;
}

export interface ClaimLoopOptions {
  manager: Pick<ManagerClient, 'request'>;
  workerId: string;
  jobTypes: readonly string[];
  leaseMs: number;
  log: WorkerLog;
  /** How many children may be claimed now. */
  room(): number;
  /** Called for whatever was claimed, also after `stop` was called. */
  onClaimed(claimed: ClaimReply): void;
}

const CLAIM_TIMEOUT_MS = 5_000;
/**
 * How long a manager that was frozen may still answer a claim that was given up: its children are ours, and would wait
 * for their leases to run out. So at most twelve claims are listened for.
 */
const LATE_ANSWER_MS = 60_000;
const FIRST_WAIT_MS = 100;
/** How late work is found that no event told of. */
const LONGEST_WAIT_MS = 1_000;
/** Between two claims in vain, however many events say that there is work: somebody else may take all of it. */
const WAIT_AT_LEAST_MS = 20;

/** Claims while there is room: at once while there is work, and ever more slowly while there is none. */
export function createClaimLoop(options: ClaimLoopOptions): ClaimLoop {
  const { manager, workerId, jobTypes, leaseMs, log } = options;
  const pause = createPause();
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let hasFailed = false;
  /** Children that claims which were given up may still bring. */
  let awaited = 0;

  const take = (claimed: ClaimReply): number => {
    if (claimed.children.length > 0) options.onClaimed(claimed);
    return claimed.children.length;
  };

  const claim = async (room: number): Promise<number> => {
    // One at least, so that another replica's work goes on while a frozen one may bring more.
    const limit = Math.min(LIMITS.workerBatch, Math.max(1, room - awaited));
    const onEnd = (claimed: ClaimReply | null) => {
      awaited -= limit;
      if (claimed) log.info({ children: take(claimed) }, 'a claim was answered late');
    };
    try {
      const claimed = await manager.request(
        'claim',
        { worker_id: workerId, job_types: [...jobTypes], limit, lease_ms: leaseMs },
        { timeoutMs: CLAIM_TIMEOUT_MS, late: { forMs: LATE_ANSWER_MS, onEnd } },
      );
      hasFailed = false;
      return take(claimed);
    } catch (error) {
      if (error instanceof BusError && error.code === 'timeout') awaited += limit;
      if (!isTransient(error) && !hasFailed) log.error({ err: error }, 'cannot claim, trying again');
      hasFailed = !isTransient(error);
      return 0;
    }
  };

  const run = async () => {
    let waitMs = FIRST_WAIT_MS;
    while (!stopped) {
      const limit = options.room();
      const claimed = limit > 0 ? await claim(limit) : 0;
      if (stopped) return;
      if (claimed > 0) {
        waitMs = FIRST_WAIT_MS;
        continue;
      }
      const woken = await pause.wait({ atLeastMs: limit > 0 ? WAIT_AT_LEAST_MS : 0, atMostMs: waitMs });
      waitMs = woken ? FIRST_WAIT_MS : Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  };

  return {
    start() {
      running = run();
    },
    wake: () => pause.wake(),
    async stop() {
      stopped = true;
      pause.wake();
      await running;
    },
  };
}
