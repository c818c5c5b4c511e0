import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { ScriptRunner } from './script-runner.ts';
import { workspaceRoot } from './workspace-root.ts';

/** As much of it as is used here; the types of Node 20 leave it out. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

declare global {
  /** Where the engine leaves the reason of a panic before it ends with no more than "unreachable". */
  var PRISMA_WASM_PANIC_REGISTRY: { set_message(message: string): void } | undefined;
}

const PACKAGE = '@prisma/schema-engine-wasm/schema_engine_bg';
let loaded: Promise<void> | undefined;

export interface SchemaEngineOptions {
  databaseUrl: string;
  schema: { path: string; content: string };
}

/**
 * Prisma's own schema engine, as WebAssembly from npm: the native one would have to be downloaded. Its connections
 * and the advisory lock they hold end with the work. A script that PostgreSQL refuses rejects with ScriptError.
 */
export async function withSchemaEngine<Result>(
  { databaseUrl, schema }: SchemaEngineOptions,
  work: (engine: SchemaEngine) => Promise<Result>,
): Promise<Result> {
  loaded ??= load();
  await loaded;
  let panic: string | undefined;
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      panic = message;
    },
  };
  const runner = new ScriptRunner({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  try {
    const engine = await bindings.SchemaEngine.new(
      { datamodels: [[schema.path, schema.content]] },
      () => {}, // the engine's own log: spans for tracing, nothing that an error does not say again
      bindMigrationAwareSqlAdapterFactory(runner),
    );
    return await work(engine);
  } catch (error) {
    if (panic !== undefined) throw new Error(`the schema engine failed: ${panic}`, { cause: error });
    throw runner.refused ?? error;
  } finally {
    await runner.close();
  }
}

/** Node cannot import `.wasm`, so it is instantiated by hand. */
async function load(): Promise<void> {
  const entry = createRequire(path.join(workspaceRoot(), 'package.json')).resolve(PACKAGE);
  const file = path.join(path.dirname(entry), 'schema_engine_bg.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(file), {
    './schema_engine_bg.js': { ...bindings, ...withoutLingering() },
  });
  bindings.__wbg_set_wasm(instance.exports);
  const { __wbindgen_start: start } = instance.exports;
  if (typeof start === 'function') start();
}

/** The engine never clears the timers of its time limits: they must not keep the process up. */
function withoutLingering() {
  return Object.fromEntries(
    Object.entries(bindings as Record<string, unknown>)
      .filter(([name]) => name.startsWith('__wbg_setTimeout'))
      .map(([name]) => [name, (run: () => void, ms: number) => setTimeout(run, ms >>> 0).unref()]),
  );
}
