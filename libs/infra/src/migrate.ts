import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { withSchemaEngine } from './schema-engine.ts';
import { ScriptError } from './script-runner.ts';

export interface MigrateOptions {
  databaseUrl: string;
  schemaPath: string;
  migrationsDir: string;
  log?: { info(fields: object, message: string): void };
}

export type MigrationErrorCode = 'migration_failed' | 'migration_history' | 'database_unreachable';

export class MigrationError extends Error {
  constructor(
    readonly code: MigrationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'MigrationError';
  }
}

const LOCK_FILE = 'migration_lock.toml';

/**
 * Applies the migrations that the database has not seen, and records them as Prisma does, so that
 * `prisma migrate deploy` elsewhere sees the same history. Returns their names. Throws MigrationError.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { databaseUrl, log } = options;
  const { schema, migrationsList } = readInputs(options);
  try {
    const { appliedMigrationNames } = await withSchemaEngine({ databaseUrl, schema }, (engine) =>
      engine.applyMigrations({ migrationsList, filters: NO_FILTERS }),
    );
    for (const migration of appliedMigrationNames) log?.info({ migration }, 'migration applied');
    return appliedMigrationNames;
  } catch (cause) {
    throw explained(cause);
  }
}

export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/** The schema and the migrations that stand. */
export function readInputs({ schemaPath, migrationsDir }: MigrateOptions) {
  const schema = { path: schemaPath, content: readFileSync(schemaPath, 'utf8') };
  return { schema, migrationsList: readMigrations(migrationsDir) };
}

/** The folder of migrations as the engine wants to be told of it. */
function readMigrations(baseDir: string): MigrationList {
  const lockPath = path.join(baseDir, LOCK_FILE);
  const names = existsSync(baseDir) ? readdirSync(baseDir, { withFileTypes: true }) : [];
  return {
    baseDir,
    lockfile: { path: LOCK_FILE, content: existsSync(lockPath) ? readFileSync(lockPath, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: names
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
      .map((name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: readFileSync(path.join(baseDir, name, 'migration.sql'), 'utf8') },
        },
      })),
  };
}

/** Prisma's codes: P1xxx is about the connection, P3xxx about migrations. */
export function explained(cause: unknown): MigrationError {
  if (cause instanceof ScriptError) {
    return new MigrationError('migration_failed', `a migration failed: ${cause.message}`, { cause });
  }
  const message = cause instanceof Error ? withoutTrace(cause.message) : String(cause);
  const code = cause instanceof Object && 'code' in cause ? String(cause.code) : '';
  if (code.startsWith('P3')) return new MigrationError('migration_history', message, { cause });
  if (code.startsWith('P1') || message.startsWith("Can't reach database")) {
    return new MigrationError('database_unreachable', message, { cause });
  }
  return new MigrationError('migration_failed', message, { cause });
}

/** The engine ends its messages with the frames of its Rust code. */
const withoutTrace = (message: string) => message.split(/\n +0: /)[0]?.trim() ?? message;
