import pg from 'pg';
import { APP_ROLE, PASSWORD, SUPERUSER } from './postgres-cluster.ts';

/** Makes the application's role and database in a fresh cluster. The role is no superuser, as in production. */
export async function ensureDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  admin.username = SUPERUSER;
  admin.pathname = '/postgres';
  await withClient(admin.href, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [APP_ROLE]);
    if (rowCount === 1) return;
    const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [APP_ROLE]);
    if (roles.rowCount === 0) {
      await client.query(`CREATE ROLE ${APP_ROLE} LOGIN CREATEDB PASSWORD '${PASSWORD}'`);
    }
    await client.query(`CREATE DATABASE ${APP_ROLE} OWNER ${APP_ROLE}`);
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
