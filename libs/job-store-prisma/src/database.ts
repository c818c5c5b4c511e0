import { isNativeError } from 'node:util/types';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Caller, StoreError } from '@progeny/job-store';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { PrismaClient } from './generated/client.ts';

/** Runs one statement; the values are in the order of `$1`, `$2`, … */
export type Query = <Row extends QueryResultRow>(sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** What ordinary reads are made with. */
export type ReadClient = Pick<PrismaClient, 'job' | 'parentProgress'>;

/** The typed client for ordinary reads, plain SQL for what is hot; both on one pool. */
export interface Database {
  read<Result>(work: (client: ReadClient) => Promise<Result>): Promise<Result>;
  query: Query;
  /** Runs `work` in a transaction, again when it lost a deadlock. `work` must have no effect but through its query. */
  transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
}

export interface OpenDatabase extends Database {
  /** The same, as the role that row-level security holds to the rows of that caller. */
  as(caller: Caller): Database;
  close(): Promise<void>;
}

/** For the transaction that it stands in. */
const BECOME_CALLER = `SELECT set_config('role', 'progeny_caller', true),
  set_config('progeny.tenant_id', $1, true), set_config('progeny.user_id', $2, true)`;
const settingsOf = ({ tenantId, userId = '' }: Caller): [tenantId: string, userId: string] => [
  tenantId,
  userId,
];

const CONNECT_TIMEOUT_MS = 5_000;
/** Somebody holds a row that we need: the others of this batch must not wait for it as long as he likes. */
const LOCK_TIMEOUT_MS = 3_000;
/** A process of ours that froze in the middle of a transaction does not keep its locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** Far above what any statement takes. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** The server itself has stopped answering; above its own limit, so that it comes first where it can. */
const ANSWER_TIMEOUT_MS = 35_000;
const TRANSACTION_TRIES = 5;
const DEADLOCK_OR_SERIALIZATION = new Set(['40P01', '40001']);

export interface DatabaseOptions {
  databaseUrl: string;
  poolSize: number;
  /** An idle connection broke; the pool replaces it. */
  onIdleError: (error: Error) => void;
}

export function openDatabase({ databaseUrl, poolSize, onIdleError }: DatabaseOptions): OpenDatabase {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'progeny',
  });
  pool.on('error', onIdleError);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });

  return {
    read: (work) => work(prisma),
    query: queryOn(pool),
    transaction: (work) => transactionOn(pool, work),
    as(caller) {
      const settings = settingsOf(caller);
      const transaction: Database['transaction'] = (work) =>
        transactionOn(pool, async (query) => {
          await query(BECOME_CALLER, settings);
          return work(query);
        });
      return {
        read: (work) =>
          prisma.$transaction(
            async (client) => {
              await client.$queryRawUnsafe(BECOME_CALLER, ...settings);
              return work(client);
            },
            { maxWait: CONNECT_TIMEOUT_MS, timeout: STATEMENT_TIMEOUT_MS },
          ),
        query: (sql, values) => transaction((query) => query(sql, values)),
        transaction,
      };
    },
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

async function transactionOn<Result>(pool: Pool, work: (query: Query) => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runTransaction(pool, work);
    } catch (error) {
      if (tries === TRANSACTION_TRIES || !DEADLOCK_OR_SERIALIZATION.has(codeOf(error))) throw error;
    }
  }
}

async function runTransaction<Result>(pool: Pool, work: (query: Query) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // It may break between two statements. The next one rejects; nobody listening would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
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
    client.removeListener('error', onError);
    client.release(broken);
  }
}

const queryOn =
  (connection: Pool | PoolClient): Query =>
  async (sql, values) =>
    (await connection.query(sql, [...values])).rows;

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/**
 * SQLSTATE classes 08 (connection) and 53 (resources), 57P0x (shutdown), 55P03, 57014 and 25P03 (our own time-outs),
 * and what sockets and Prisma say.
 */
const UNAVAILABLE_CODE =
  /^(08|53|57P0|55P03|57014|25P03)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|P1001|P1002|P1008|P1017|P2024|P2028)$/;
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|connection terminated|not queryable|query read timeout|Can't reach database|Code: `(08|53|57P0|55P03|57014|25P03)/i;

/** A fault of the connection becomes StoreError `unavailable`; anything else stays what it is. */
export function toStoreError(error: unknown): unknown {
  // Not `instanceof`: an error of a socket may come from outside the realm that a test runs in.
  if (!isNativeError(error) || error instanceof StoreError) return error;
  const away = UNAVAILABLE_CODE.test(codeOf(error)) || UNAVAILABLE_MESSAGE.test(error.message);
  return away ? new StoreError('unavailable', 'the database cannot be reached', { cause: error }) : error;
}
