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
export { StoreError, type StoreErrorCode } from './store-error.ts';
