export type {
  Caller,
  CallerStore,
  ChildProgressReport,
  ChildReport,
  ClaimOptions,
  CreatedParent,
  FoldResult,
  JobStore,
  ListOptions,
  NewParent,
  OwnedEvent,
  OwnedProgress,
  Owner,
  ProgressSaved,
} from './job-store.ts';
export { callerStore } from './memory-caller.ts';
export { createMemoryJobStore, type MemoryJobStoreOptions } from './memory-job-store.ts';
export { createMemoryState, type MemoryState } from './memory-state.ts';
export type { Snapshot, Snapshots } from './snapshot.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
export { EXPIRED_TICKETS_PER_SAVE, type NewTicket, type TicketIdentity, type TicketStore } from './ticket.ts';
