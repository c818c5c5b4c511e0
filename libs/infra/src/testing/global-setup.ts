import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { HOST_URL_VARIABLE } from './test-database.ts';

declare global {
  var progenyTestDatabases: ChildProcess | undefined;
}

/** Jest's `globalSetup` of the suites that may ask for a database. */
export default async function setUp(): Promise<void> {
  const host = spawn(process.execPath, ['--import', 'tsx', path.join(__dirname, 'database-host.ts')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = await once(host, 'message');
  process.env[HOST_URL_VARIABLE] = message.url;
  globalThis.progenyTestDatabases = host;
}
