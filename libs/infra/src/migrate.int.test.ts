import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from './migrate.ts';
import { withClient } from './postgres-database.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';
import { workspaceRoot } from './workspace-root.ts';

const prisma = path.join(workspaceRoot(), 'prisma');
const schemaPath = path.join(prisma, 'schema.prisma');
let database: TestDatabase;
let migrationsDir: string;

const run = (databaseUrl = database.url) => migrate({ databaseUrl, schemaPath, migrationsDir });
const query = (sql: string) => withClient(database.url, async (client) => (await client.query(sql)).rows);
const addMigration = async (name: string, sql: string) => {
  await mkdir(path.join(migrationsDir, name));
  await writeFile(path.join(migrationsDir, name, 'migration.sql'), sql);
};

beforeEach(async () => {
  database = await createTestDatabase();
  migrationsDir = await mkdtemp(path.join(tmpdir(), 'progeny-migrations-'));
  await cp(path.join(prisma, 'migrations'), migrationsDir, { recursive: true });
});
afterEach(async () => {
  await database.drop();
  await rm(migrationsDir, { recursive: true });
});

test('a migrated database needs nothing more', async () => {
  expect(await run()).toEqual([]);
});

test('only what is new is applied, and is recorded as Prisma records it', async () => {
  await addMigration('20990101000000_more', 'CREATE TABLE more (value int);');
  expect(await run()).toEqual(['20990101000000_more']);
  expect(await run()).toEqual([]);
  const [row] = await query(
    "SELECT finished_at IS NOT NULL AS finished, length(checksum) AS sha256_digits, rolled_back_at FROM _prisma_migrations WHERE migration_name = '20990101000000_more'",
  );
  expect(row).toEqual({ finished: true, sha256_digits: 64, rolled_back_at: null });
});

test('a semicolon in a comment or in a function ends nothing', async () => {
  await addMigration(
    '20990101000000_function',
    "-- first; second\nCREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2; END; $$;\nSELECT ';';",
  );
  await run();
  expect(await query('SELECT two()')).toEqual([{ two: 2 }]);
});

test('a broken migration is named by its line, leaves nothing, and stops those after it', async () => {
  await addMigration('20990101000000_bad', 'CREATE TABLE half (value int);\nSELECT nonsense;');
  await expect(run()).rejects.toMatchObject({
    code: 'migration_failed',
    message: 'a migration failed: line 2: column "nonsense" does not exist',
  });
  expect(await query("SELECT 1 FROM pg_tables WHERE tablename = 'half'")).toEqual([]);
  await expect(run()).rejects.toMatchObject({
    code: 'migration_history',
    message: expect.stringContaining('20990101000000_bad'),
  });
});

test('a database that is away is said to be away', async () => {
  await expect(run('postgresql://progeny:progeny@127.0.0.1:1/progeny')).rejects.toMatchObject({
    code: 'database_unreachable',
  });
});
