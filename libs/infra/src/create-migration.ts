import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explained, type MigrateOptions, migrate, NO_FILTERS, readInputs } from './migrate.ts';
import { withSchemaEngine } from './schema-engine.ts';

export interface CreateMigrationOptions extends MigrateOptions {
  /** Letters, digits and `_`; the time goes before it. */
  name: string;
  now: Date;
}

const EMPTY = /^(-- This is an empty migration\.)?\s*$/;

/**
 * Applies the migrations that stand, compares the database with the schema and writes what is missing as a new
 * migration, in Prisma's layout. Resolves with its name, or null when nothing is. Give it a database to throw away.
 */
export async function createMigration({
  name,
  now,
  ...options
}: CreateMigrationOptions): Promise<string | null> {
  await migrate(options);
  const { schema } = readInputs(options);
  const script = await differences(options.databaseUrl, schema);
  if (EMPTY.test(script)) return null;
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = `${stamp}_${name}`;
  await mkdir(path.join(options.migrationsDir, folder));
  await writeFile(path.join(options.migrationsDir, folder, 'migration.sql'), script);
  return folder;
}

async function differences(databaseUrl: string, schema: { path: string; content: string }): Promise<string> {
  try {
    const { stdout } = await withSchemaEngine({ databaseUrl, schema }, (engine) =>
      engine.diff({
        from: { tag: 'schemaDatasource', files: [schema], configDir: path.dirname(schema.path) },
        to: { tag: 'schemaDatamodel', files: [schema] },
        script: true,
        exitCode: null,
        filters: NO_FILTERS,
      }),
    );
    return stdout ?? '';
  } catch (cause) {
    throw explained(cause);
  }
}
