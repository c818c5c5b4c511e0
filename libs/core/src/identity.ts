import type { Role } from '@progeny/contract';

/** Who asks. */
export interface Identity {
  tenantId: string;
  userId: string;
  role: Role;
}

/** The one rule of who may see a job and what happens to it: within the tenant, an operator all, others their own. */
export const canSee = (
  { tenantId, userId, role }: Identity,
  owner: Pick<Identity, 'tenantId' | 'userId'>,
): boolean => tenantId === owner.tenantId && (role === 'operator' || userId === owner.userId);
