import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMigration } from './create-migration.ts';
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

describe('a new migration', () => {
  const create = (more = '') =>
    withSchema(more, (changedSchema) =>
      createMigration({
        databaseUrl: database.url,
        schemaPath: changedSchema,
        migrationsDir,
        name: 'add_mark',
        now: new Date('2099-01-01T00:00:00Z'),
      }),
    );

  async function withSchema<Result>(more: string, work: (file: string) => Promise<Result>): Promise<Result> {
    const file = path.join(migrationsDir, 'schema.prisma');
    await writeFile(file, `${await readFile(schemaPath, 'utf8')}\n${more}`);
    return await work(file);
  }

  test('is not needed: the migrations that stand are what the schema says', async () => {
    expect(await create()).toBeNull();
  });

  test('holds what the schema has more, and can be applied', async () => {
    const name = await create('model Mark {\n  id Int @id\n}\n');
    expect(name).toBe('20990101000000_add_mark');
    const script = await readFile(path.join(migrationsDir, '20990101000000_add_mark/migration.sql'), 'utf8');
    expect(script).toMatch(/^-- CreateTable\nCREATE TABLE "Mark" \([^;]*\);\s*$/);
    expect(await run()).toEqual([name]);
    expect(await query('SELECT * FROM "Mark"')).toEqual([]);
  });
});
