import type { CallerStore } from '@progeny/job-store';

/**
 * The ledger as the gateway reads it: of one tenant at a time. So a job of another tenant is not there for a reader,
 * whatever the gateway itself thinks that he may see.
 */
export interface TenantLedger {
  as(caller: { tenantId: string }): Pick<CallerStore, 'readSnapshots' | 'listParents'>;
}
