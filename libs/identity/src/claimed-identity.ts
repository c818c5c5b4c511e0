import { ROLES, subjectTokenSchema } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import type { JWTPayload } from 'jose';
import { IdentityError } from './identity-error.ts';

/** Whom the claims of a verified token name: `tenant_id`, `user_id` or else `sub`, and `role` or else `user`. */
export function claimedIdentity(claims: JWTPayload): Identity {
  return {
    tenantId: subjectToken(claims, 'tenant_id'),
    userId: subjectToken(claims, Object.hasOwn(claims, 'user_id') ? 'user_id' : 'sub'),
    role: roleOf(claims),
  };
}

/** These ids become tokens of NATS subjects: a star in one would receive what belongs to others. */
function subjectToken(claims: JWTPayload, name: string): string {
  const parsed = subjectTokenSchema.safeParse(claims[name]);
  if (parsed.success) return parsed.data;
  throw new IdentityError(
    'token_invalid',
    `"${name}" claim is missing, or not 1 to 64 letters, digits, "-" or "_"`,
  );
}

function roleOf(claims: JWTPayload): Identity['role'] {
  if (!Object.hasOwn(claims, 'role')) return 'user';
  const role = ROLES.find((known) => known === claims.role);
  if (role) return role;
  throw new IdentityError('token_invalid', `"role" claim is not one of ${ROLES.join(', ')}`);
}
