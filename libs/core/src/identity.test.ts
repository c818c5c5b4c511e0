import { ROLES } from '@progeny/contract';
import { canSee } from './identity.ts';

const OWNERS = ['acme', 'other'].flatMap((tenantId) =>
  ['ann', 'bob'].map((userId) => ({ tenantId, userId })),
);
const nameOf = ({ tenantId, userId }: (typeof OWNERS)[number]) => `${userId} of ${tenantId}`;

/** Whose jobs each of a role sees. */
const SEEN: Record<(typeof ROLES)[number], Record<string, string[]>> = {
  user: {
    'ann of acme': ['ann of acme'],
    'bob of acme': ['bob of acme'],
    'ann of other': ['ann of other'],
    'bob of other': ['bob of other'],
  },
  worker: {
    'ann of acme': ['ann of acme'],
    'bob of acme': ['bob of acme'],
    'ann of other': ['ann of other'],
    'bob of other': ['bob of other'],
  },
  operator: {
    'ann of acme': ['ann of acme', 'bob of acme'],
    'bob of acme': ['ann of acme', 'bob of acme'],
    'ann of other': ['ann of other', 'bob of other'],
    'bob of other': ['ann of other', 'bob of other'],
  },
};

test.each(ROLES)('of all pairs of people and jobs, each %s sees these and no others', (role) => {
  const seen = OWNERS.map((who) => [
    nameOf(who),
    OWNERS.filter((owner) => canSee({ ...who, role }, owner)).map(nameOf),
  ]);
  expect(Object.fromEntries(seen)).toEqual(SEEN[role]);
});
