import type { ChildStatus } from '@progeny/contract';
import type { Counts } from '@progeny/core';
import type { JobStore } from '../job-store.ts';

/** An empty store, and what a test needs to do behind its back. Time is moved by hooks, as clocks may be remote. */
export interface JobStoreHarness {
  store: JobStore;
  /** Every lease that is held now has run out. */
  expireLeases(): Promise<void>;
  /** Everything so far happened that much longer ago. */
  passTime(ms: number): Promise<void>;
  /** Every unsealed parent has waited for its seal long enough. */
  expireSealTimeouts(): Promise<void>;
  /** Every pending child is due now. */
  makeDue(): Promise<void>;
  /** Adds `by` to one folded count of a parent, as a fault would. */
  corruptCounts(parentId: string, fault: { status: ChildStatus; by: number }): Promise<void>;
  /** Counts the rows of a parent's children, nested parents by their bucket. */
  truth(parentId: string): Promise<Counts>;
  /** The sum of the deltas of a parent that no fold has taken in yet. */
  unfolded(parentId: string): Promise<Counts>;
  /** Adds so many events to the lifecycle of a parent. */
  prolongLifecycle(parentId: string, events: number): Promise<void>;
  /** The ledger is another from now on, as an operator says after a restore. */
  renewEpoch(): Promise<void>;
  /** Tickets that are kept, expired ones too. */
  countTickets(): Promise<number>;
  /** The text kept with a child. */
  textOf(jobId: string): Promise<string | null>;
  /** Closes the store and removes what it stored. */
  close(): Promise<void>;
}

export type CreateHarness = () => Promise<JobStoreHarness>;

/** A fresh harness for each test of the describe block around it. */
export function useHarness(createHarness: CreateHarness): () => JobStoreHarness {
  let harness: JobStoreHarness | null = null;
  beforeEach(async () => {
    harness = await createHarness();
  });
  afterEach(async () => {
    await harness?.close();
    harness = null;
  });
  return () => {
    if (!harness) throw new Error('there is a harness during a test only');
    return harness;
  };
}
