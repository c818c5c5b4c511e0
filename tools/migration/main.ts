/** `npm run migration -- <name>`: writes the migration from what stands in prisma/migrations to prisma/schema.prisma. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMigration, removePostgresData, startPostgresServer, workspaceRoot } from '@progeny/infra';

async function main(name: string): Promise<void> {
  const prisma = path.join(workspaceRoot(), 'prisma');
  const folder = mkdtempSync(path.join(tmpdir(), 'progeny-migration-'));
  chmodSync(folder, 0o755); // as root the server runs as somebody else, who has to get in
  const dataDir = path.join(folder, 'postgres');
  const logFile = path.join(folder, 'postgres.log');
  const server = await startPostgresServer({ dataDir, port: 0, logFile, durable: false });
  try {
    const written = await createMigration({
      databaseUrl: server.url,
      schemaPath: path.join(prisma, 'schema.prisma'),
      migrationsDir: path.join(prisma, 'migrations'),
      name,
      now: new Date(),
    });
    console.log(
      written === null
        ? 'The migrations say what the schema says; there is nothing to write.'
        : `Wrote prisma/migrations/${written}/migration.sql. Read it, and add what Prisma cannot say.`,
    );
  } finally {
    await server.stop();
    await removePostgresData(dataDir);
    rmSync(folder, { recursive: true, force: true });
  }
}

const [name = ''] = process.argv.slice(2);
if (/^[a-z][a-z0-9_]*$/.test(name)) {
  main(name).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
} else {
  console.error('usage: npm run migration -- <name>, of small letters, digits and _');
  process.exitCode = 2;
}
