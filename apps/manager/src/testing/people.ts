import { createTestKeys, type TestKeys } from '@progeny/identity/testing';

/** Whose jobs there are: two users of one tenant, and one of another by the same name. */
export const OWNERS = {
  'ann of acme': { tenant_id: 'acme', user_id: 'ann' },
  'bob of acme': { tenant_id: 'acme', user_id: 'bob' },
  'ann of other': { tenant_id: 'other', user_id: 'ann' },
} as const;
export type OwnerName = keyof typeof OWNERS;

/** Everybody who asks, and whose jobs they see. */
export const PEOPLE: Record<string, { claims: Record<string, unknown>; sees: readonly OwnerName[] }> = {
  'ann of acme': { claims: OWNERS['ann of acme'], sees: ['ann of acme'] },
  'bob of acme': { claims: { ...OWNERS['bob of acme'], role: 'user' }, sees: ['bob of acme'] },
  'ann of other': { claims: OWNERS['ann of other'], sees: ['ann of other'] },
  'an operator of acme': {
    claims: { tenant_id: 'acme', user_id: 'olga', role: 'operator' },
    sees: ['ann of acme', 'bob of acme'],
  },
  'an operator of other': {
    claims: { tenant_id: 'other', user_id: 'olga', role: 'operator' },
    sees: ['ann of other'],
  },
  'a worker of acme': { claims: { tenant_id: 'acme', user_id: 'bot', role: 'worker' }, sees: [] },
  'a stranger': { claims: { tenant_id: 'third', user_id: 'ann' }, sees: [] },
};

const PAST_SECONDS = 1_000_000_000;

/** What whoever is nobody brings. */
export const NOBODIES: Record<string, (keys: TestKeys) => Promise<string | null>> = {
  'nobody at all': async () => null,
  'one whose token has expired': (keys) => keys.sign({ ...OWNERS['ann of acme'], exp: PAST_SECONDS }),
  'one whose token somebody else signed': () => createTestKeys().sign(OWNERS['ann of acme']),
  'one without a tenant': (keys) => keys.sign({ user_id: 'ann' }),
  'one with a role that there is not': (keys) => keys.sign({ ...OWNERS['ann of acme'], role: 'root' }),
  'one whose token is no token': async () => 'token',
};

export const bearer = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };
