import { once } from 'node:events';

/** Jest's `globalTeardown`: resolves when the server is gone and its files are. */
export default async function tearDown(): Promise<void> {
  const host = globalThis.progenyTestDatabases;
  if (!host || host.exitCode !== null) return;
  const gone = once(host, 'exit');
  host.disconnect();
  await gone;
}
