import { createTestDatabase, type TestDatabase } from '@progeny/infra';
import type { NewTicket } from '@progeny/job-store';
import { Client } from 'pg';
import { createPrismaJobStore } from './job-store-prisma.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const ticket = (ticketHash: string, ttlMs: number): NewTicket => ({
  ticketHash,
  identity: { tenantId: 'acme', userId: 'ann', role: 'user', expiresAtMs: null },
  ttlMs,
});

test('an expired ticket that somebody holds keeps no other from being saved', async () => {
  const store = createPrismaJobStore({ databaseUrl: database.url, poolSize: 1, onIdleError: () => {} });
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  try {
    await store.saveTicket(ticket('held', 0));
    await holder.query('BEGIN');
    await holder.query("SELECT FROM ticket WHERE hash = 'held' FOR UPDATE");
    await store.saveTicket(ticket('new', 30_000));
    const { rows } = await holder.query('SELECT hash FROM ticket ORDER BY hash');
    expect(rows).toEqual([{ hash: 'held' }, { hash: 'new' }]);
  } finally {
    await holder.end();
    await store.close();
  }
});
