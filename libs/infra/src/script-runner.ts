import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils';
import pg from 'pg';

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;

/** PostgreSQL refused a script. The message says what and in which line. */
export class ScriptError extends Error {
  constructor(script: string, cause: pg.DatabaseError) {
    const line = script.slice(0, Number(cause.position ?? 0)).split('\n').length;
    super(cause.position === undefined ? cause.message : `line ${line}: ${cause.message}`, { cause });
    this.name = 'ScriptError';
  }
}

/**
 * Prisma's adapter with three differences. It cuts a script at every semicolon, also inside a comment or a function
 * body: here PostgreSQL gets the whole of it, and takes it as one transaction. It does not know the type "char" that
 * PostgreSQL's own catalogues use, which the engine reads. And whatever it opened can be closed.
 */
export class ScriptRunner extends PrismaPg {
  refused: ScriptError | undefined;
  readonly #open: Adapter[] = [];

  override async connect() {
    return this.#prepared(await super.connect());
  }

  override async connectToShadowDb() {
    return this.#prepared(await super.connectToShadowDb());
  }

  async close(): Promise<void> {
    for (const adapter of this.#open.splice(0)) await adapter.dispose();
  }

  #prepared(adapter: Adapter): Adapter {
    readCharColumns(adapter);
    const dispose = adapter.dispose.bind(adapter);
    adapter.dispose = async () => {
      const index = this.#open.indexOf(adapter);
      if (index !== -1) this.#open.splice(index, 1);
      await dispose();
    };
    adapter.executeScript = async (script) => {
      try {
        await adapter.underlyingDriver().query(script);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        this.refused = new ScriptError(script, error);
        const { code = 'XX000', severity = 'ERROR', message, detail, column, hint } = error;
        throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
      }
    };
    this.#open.push(adapter);
    return adapter;
  }
}

const CHAR_OID = 18;
const TEXT_OID = 25;

function readCharColumns(adapter: Adapter): void {
  const pool = adapter.underlyingDriver();
  const poolQuery = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryResult>;
  let charColumns: number[] = [];
  const query = async (...args: unknown[]) => {
    const result = await poolQuery(...args);
    charColumns = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== CHAR_OID) continue;
      field.dataTypeID = TEXT_OID;
      charColumns.push(index);
    }
    return result;
  };
  pool.query = query as typeof pool.query;
  const queryRaw = adapter.queryRaw.bind(adapter);
  // The engine asks one thing after the other, so the columns are those of this very answer.
  adapter.queryRaw = async (sql) => {
    const answer = await queryRaw(sql);
    const columnTypes = answer.columnTypes.map((type, index) =>
      charColumns.includes(index) ? ColumnTypeEnum.Character : type,
    );
    return { ...answer, columnTypes };
  };
}
