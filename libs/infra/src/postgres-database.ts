import pg from 'pg';
import { APP_ROLE, CALLER_ROLE, PASSWORD, SUPERUSER } from './postgres-cluster.ts';

/**
 * Makes the application's roles and database where they are missing. They are no superusers, as in production:
 * `progeny` owns the database, and what somebody asks for runs as `progeny_caller`, which row-level security holds.
 */
export async function ensureDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  admin.username = SUPERUSER;
  admin.pathname = '/postgres';
  await withClient(admin.href, async (client) => {
    const { rows } = await client.query('SELECT rolname AS name FROM pg_roles');
    const isThere = (role: string) => rows.some(({ name }) => name === role);
    if (!isThere(APP_ROLE)) {
      await client.query(`CREATE ROLE ${APP_ROLE} LOGIN CREATEDB PASSWORD '${PASSWORD}'`);
    }
    if (!isThere(CALLER_ROLE)) {
      await client.query(`CREATE ROLE ${CALLER_ROLE} NOLOGIN; GRANT ${CALLER_ROLE} TO ${APP_ROLE}`);
    }
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [APP_ROLE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${APP_ROLE} OWNER ${APP_ROLE}`);
  });
}

/** One connection for one piece of work. */
export async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
