import { PrismaPg } from '@prisma/adapter-pg';
import { StoreError } from '@progeny/job-store';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { PrismaClient } from './generated/client.ts';

/** Runs one statement; the values are in the order of `$1`, `$2`, … */
export type Query = <Row extends QueryResultRow>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** The typed client for ordinary reads, plain SQL for what is hot; both on one pool. */
export interface Database {
  prisma: PrismaClient;
  query: Query;
  /** Runs `work` in a transaction, again when it lost a deadlock. `work` must have no effect but through its query. */
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const TRANSACTION_TRIES = 5;
const DEADLOCK_OR_SERIALIZATION = new Set(['40P01', '40001']);

export interface DatabaseOptions {
  databaseUrl: string;
  poolSize: number;
  /** An idle connection broke; the pool replaces it. */
  onIdleError: (error: Error) => void;
}

export function openDatabase({ databaseUrl, poolSize, onIdleError }: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'progeny',
  });
  pool.on('error', onIdleError);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });

  return {
    prisma,
    query: queryOn(pool),
    async transaction(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await runTransaction(pool, work);
        } catch (error) {
          if (tries === TRANSACTION_TRIES || !DEADLOCK_OR_SERIALIZATION.has(codeOf(error))) throw error;
        }
      }
    },
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

async function runTransaction<Result>(pool: Pool, work: (query: Query) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(queryOn(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is thrown away, never handed to somebody else mid-transaction.
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

const queryOn =
  (connection: Pool | PoolClient): Query =>
  async (sql, values) =>
    (await connection.query(sql, [...values])).rows;

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** SQLSTATE classes 08 (connection) and 53 (resources), 57P0x (shutdown), and what sockets and Prisma say. */
const UNAVAILABLE_CODE =
  /^(08|53|57P0)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|P1001|P1002|P1008|P1017|P2024)$/;
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|connection terminated|Can't reach database/i;

/** A fault of the connection becomes StoreError `unavailable`; anything else stays what it is. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const away = UNAVAILABLE_CODE.test(codeOf(error)) || UNAVAILABLE_MESSAGE.test(error.message);
  return away ? new StoreError('unavailable', 'the database cannot be reached', { cause: error }) : error;
}
