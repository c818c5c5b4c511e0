import path from 'node:path';
import { migrate } from '@progeny/infra';
import { keepUp } from './keep-up.ts';
import { type Run, throwIfAborted } from './run.ts';
import { type Server, startDatabase, startMessaging, startNats, WAYS_TO_NATS } from './servers.ts';

export interface Infrastructure {
  databaseUrl: string;
  /** Null: there is no NATS, by wish or because none can be had. */
  natsUrl: string | null;
}

/** PostgreSQL, migrated, and NATS. What is ours is kept up, and stopped last. */
export async function bringUpInfrastructure(run: Run): Promise<Infrastructure> {
  const { root, options, env, terminal, folder, signal } = run;
  if (options.reset) {
    await terminal.step(
      'data',
      () => folder.clearData(),
      () => (env.DATABASE_URL ? 'cleared here; the database of DATABASE_URL is left alone' : 'cleared'),
    );
  }
  throwIfAborted(signal);
  const database = await terminal.step(
    'PostgreSQL',
    () => startDatabase(folder, { databaseUrl: env.DATABASE_URL }),
    (server) => server.detail,
  );
  keep(run, database, {
    name: 'PostgreSQL',
    again: () => startDatabase(folder, { databaseUrl: undefined, again: database }),
  });
  throwIfAborted(signal);
  const messaging = await terminal.step(
    'NATS',
    () =>
      startMessaging(folder, {
        without: options.singleProcess,
        natsUrl: env.NATS_URL,
        log: { info: (_, message) => terminal.line(`  ${message}`) },
      }),
    ({ server }) => server?.detail ?? 'none',
  );
  const nats = messaging.server;
  if (nats) keep(run, nats, { name: 'NATS', again: () => startNats(folder, nats) });
  throwIfAborted(signal);
  await terminal.step(
    'database',
    () =>
      migrate({
        databaseUrl: database.url,
        schemaPath: path.join(root, 'prisma/schema.prisma'),
        migrationsDir: path.join(root, 'prisma/migrations'),
      }),
    (applied) => (applied.length === 0 ? 'up to date' : `migrated: ${applied.join(', ')}`),
  );
  if (messaging.server === null && messaging.reason !== null) {
    terminal.line(`\n  No nats-server here: ${messaging.reason}.\n${WAYS_TO_NATS}`);
  }
  return { databaseUrl: database.url, natsUrl: nats?.url ?? null };
}

function keep(
  { terminal, closers, closing }: Run,
  server: Server,
  { name, again }: { name: string; again: () => Promise<Server> },
): void {
  const onNotice = (text: string) => terminal.line(`  ${text}`);
  closers.push(keepUp(server, { name, again, onNotice, closing }));
}
