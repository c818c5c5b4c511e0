import { SUPERUSER } from '../postgres-cluster.ts';
import { withClient } from '../postgres-database.ts';
import { createTestDatabase } from './test-database.ts';

const tables = (url: string) =>
  withClient(url, async (client) => {
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    return rows.map((row) => row.tablename);
  });

test('a test database is migrated, and its own', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await withClient(one.url, (client) => client.query('CREATE TABLE mark ()'));
  expect(await tables(one.url)).toEqual(expect.arrayContaining(['job', '_prisma_migrations', 'mark']));
  expect(await tables(other.url)).not.toContain('mark');
  await Promise.all([one.drop(), other.drop()]);
});

test.each([
  ['an open connection', undefined],
  ['a connection of the server itself, as autovacuum has one', SUPERUSER],
])('a dropped database is gone, also from under %s', async (_, user) => {
  const database = await createTestDatabase();
  const url = Object.assign(new URL(database.url), user && { username: user });
  await withClient(url.href, async (client) => {
    const ended = new Promise((resolve) => client.on('error', resolve));
    await database.drop();
    await ended;
  });
  await expect(tables(database.url)).rejects.toThrow('does not exist');
});
