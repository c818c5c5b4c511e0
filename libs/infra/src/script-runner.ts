import { PrismaPg } from '@prisma/adapter-pg';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
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
 * Prisma's adapter with two differences. It cuts a script at every semicolon, also inside a comment or a function
 * body: here PostgreSQL gets the whole of it, and takes it as one transaction. And whatever it opened can be closed.
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
