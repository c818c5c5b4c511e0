import type { Command, JobStatusChange } from '@progeny/contract';
import { assertNever } from '@progeny/core';
import type { CallerStore, Owner } from '@progeny/job-store';
import type { Log } from '@progeny/kit';
import type { Announcer } from './announcer.ts';
import type { Sweeper } from './sweeper.ts';

export interface Order {
  /** Whose job it is. */
  owner: Owner;
  jobId: string;
  command: Command;
}

/**
 * Resolves when the command stands in the ledger; the children follow at once, in batches. Twice is harmless. Rejects
 * with the StoreError of a command that the job does not take as it is.
 */
export type GiveCommand = (order: Order) => Promise<void>;

export interface CommandParts {
  announcer: Announcer;
  sweeper: Sweeper;
  log: Log;
}

export const createCommands =
  (store: CallerStore, { announcer, sweeper, log }: CommandParts): GiveCommand =>
  async ({ owner, jobId, command }) => {
    const changes = await write(store, { jobId, command });
    // Told of a repeated one, too: the first may have reached nobody. Of a child that was open nobody has to hear.
    if (command !== 'retry' || changes.length > 0) announcer.command({ owner, jobId, command });
    await announcer.changes(changes);
    if (movesChildren(command)) sweeper.sweep(jobId);
    log.info({ job_id: jobId, command }, 'command given');
  };

function write(
  store: CallerStore,
  { jobId, command }: Pick<Order, 'jobId' | 'command'>,
): Promise<JobStatusChange[]> {
  switch (command) {
    case 'cancel':
      return store.requestCancel(jobId);
    case 'pause':
      return store.pause(jobId);
    case 'resume':
      return store.resume(jobId);
    case 'retry_failed':
      return store.requestRetryFailed(jobId);
    case 'retry':
      return store.retryChild(jobId);
    case 'delete':
      return store.deleteParent(jobId);
    default:
      return assertNever(command);
  }
}

const movesChildren = (command: Command): boolean => command === 'cancel' || command === 'retry_failed';
