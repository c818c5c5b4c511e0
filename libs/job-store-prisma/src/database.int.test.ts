import { createTestDatabase, withClient } from '@progeny/infra';
import { openDatabase, toStoreError } from './database.ts';

test('a connection that breaks within a transaction ends the transaction and nothing else', async () => {
  const { url, drop } = await createTestDatabase();
  const database = openDatabase({ databaseUrl: url, poolSize: 1, onIdleError: () => {} });
  try {
    const transaction = database.transaction(async (query) => {
      const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid', []);
      await withClient(url, async (other) => {
        await other.query('SELECT pg_terminate_backend($1, 5000)', [row?.pid]);
      });
      await query('SELECT 1', []);
    });
    await expect(transaction).rejects.toThrow(/terminat|not queryable/);
    expect(await database.query<{ one: number }>('SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
    await drop();
  }
});

test('a caller for whom no connection is free in time is told that the database is away', async () => {
  const { url, drop } = await createTestDatabase();
  const database = openDatabase({ databaseUrl: url, poolSize: 1, onIdleError: () => {} });
  try {
    await database.transaction(async () => {
      const reading = database.as({ tenantId: 'acme' }).read((client) => client.job.findFirst());
      expect(await reading.catch(toStoreError)).toMatchObject({ code: 'unavailable', retryable: true });
    });
  } finally {
    await database.close();
    await drop();
  }
});
