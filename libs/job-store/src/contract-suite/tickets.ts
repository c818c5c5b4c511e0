import { EXPIRED_TICKETS_PER_SAVE, type NewTicket } from '../ticket.ts';
import type { JobStoreHarness } from './harness.ts';
import { numbered } from './scene.ts';

const TTL_MS = 30_000;
/** Clocks may round to the millisecond. */
const EXPIRED_MS = TTL_MS + 2;

const ticket = (more: Partial<NewTicket> = {}): NewTicket => ({
  ticketHash: 'hash',
  identity: { tenantId: 'acme', userId: 'ann', role: 'user', expiresAtMs: null },
  ttlMs: TTL_MS,
  ...more,
});

export function describeTickets(harness: () => JobStoreHarness): void {
  test('a ticket is good once', async () => {
    const { store } = harness();
    const { identity } = ticket();
    await store.saveTicket(ticket());
    expect(await store.takeTicket('hash')).toEqual(identity);
    expect(await store.takeTicket('hash')).toBeNull();
  });

  test.each([
    { tenantId: 'acme', userId: 'ann', role: 'operator', expiresAtMs: null },
    { tenantId: 'other', userId: 'w-1', role: 'worker', expiresAtMs: 1_893_456_000_123 },
    // As far away as a token may put it, and to a fraction.
    { tenantId: 'other', userId: 'bob', role: 'user', expiresAtMs: 8_640_000_000_000_000_000 },
    { tenantId: 'other', userId: 'bob', role: 'user', expiresAtMs: 1_893_456_000_123.5 },
  ] as const)('whoever takes it is $userId, a $role until $expiresAtMs', async (identity) => {
    const { store } = harness();
    await store.saveTicket(ticket({ identity }));
    expect(await store.takeTicket('hash')).toEqual(identity);
  });

  test('an unknown ticket is nobody’s, and takes no other with it', async () => {
    const { store } = harness();
    await store.saveTicket(ticket());
    expect(await store.takeTicket('another')).toBeNull();
    expect(await store.takeTicket('')).toBeNull();
    expect(await store.takeTicket('hash')).not.toBeNull();
  });

  test('of those who take it at once one gets it', async () => {
    const { store } = harness();
    for (const round of numbered(5)) {
      await store.saveTicket(ticket({ ticketHash: round }));
      const taken = await Promise.all(numbered(8).map(() => store.takeTicket(round)));
      expect(taken.filter((identity) => identity !== null)).toHaveLength(1);
    }
  });

  test('a ticket that was not used in time is good no more', async () => {
    const { store, passTime } = harness();
    for (const ticketHash of ['used', 'late']) await store.saveTicket(ticket({ ticketHash }));
    await passTime(TTL_MS / 2);
    expect(await store.takeTicket('used')).not.toBeNull();
    await passTime(EXPIRED_MS - TTL_MS / 2);
    expect(await store.takeTicket('late')).toBeNull();
  });

  test('the same hash again gives it to nobody else, and not for longer', async () => {
    const { store, passTime } = harness();
    const { identity } = ticket();
    await store.saveTicket(ticket());
    await store.saveTicket(ticket({ identity: { ...identity, userId: 'bob' }, ttlMs: 10 * TTL_MS }));
    expect(await store.takeTicket('hash')).toEqual(identity);
    await store.saveTicket(ticket());
    await store.saveTicket(ticket({ ttlMs: 10 * TTL_MS }));
    await passTime(EXPIRED_MS);
    expect(await store.takeTicket('hash')).toBeNull();
  });

  test('expired tickets leave when others come, so many at a time, and the others stay', async () => {
    const { store, passTime, countTickets } = harness();
    const abandoned = numbered(EXPIRED_TICKETS_PER_SAVE + 10);
    await Promise.all(abandoned.map((ticketHash) => store.saveTicket(ticket({ ticketHash }))));
    await passTime(EXPIRED_MS);
    await store.saveTicket(ticket({ ticketHash: 'one' }));
    expect(await countTickets()).toBe(10 + 1);
    await store.saveTicket(ticket({ ticketHash: 'two' }));
    expect(await countTickets()).toBe(2);
    expect(await store.takeTicket('one')).not.toBeNull();
    expect(await store.takeTicket('two')).not.toBeNull();
    expect(await countTickets()).toBe(0);
  });

  test('many that come at once, while expired tickets leave, all stand', async () => {
    const { store, passTime, countTickets } = harness();
    await Promise.all(numbered(30, 'old').map((ticketHash) => store.saveTicket(ticket({ ticketHash }))));
    await passTime(EXPIRED_MS);
    await Promise.all(numbered(30, 'new').map((ticketHash) => store.saveTicket(ticket({ ticketHash }))));
    await store.saveTicket(ticket());
    expect(await countTickets()).toBe(31);
  });
}
