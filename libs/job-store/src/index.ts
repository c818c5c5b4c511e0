export type {
  ChildReport,
  ClaimOptions,
  CreatedParent,
  FoldResult,
  JobStore,
  ListOptions,
  NewParent,
  OwnedProgress,
  Owner,
} from './job-store.ts';
export { createMemoryJobStore, type MemoryJobStoreOptions } from './memory-job-store.ts';
export { createMemoryState, type MemoryState } from './memory-state.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
