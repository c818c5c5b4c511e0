import path from 'node:path';
import { startDemoSite } from '@progeny/demo-site';
import { migrate } from '@progeny/infra';
import { colors } from '../colors.ts';
import { build } from './build.ts';
import { bucketsOf, countRows, followJob, startCrawl } from './crawl.ts';
import type { StartOptions } from './options.ts';
import { choosePorts, onUsualPort, type Ports } from './ports.ts';
import { progressLine } from './progress-line.ts';
import { type Server, startDatabase, startMessaging, WAYS_TO_NATS } from './servers.ts';
import { createServices } from './services.ts';
import { claimStateFolder, type StateFolder } from './state-folder.ts';
import { exitCodeOf, summaryLines } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** Where the demo site listens when it can, so that a crawl that was cut off finds it again. */
const DEMO_PORT = 4004;

export interface SupervisorContext {
  root: string;
  options: StartOptions;
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  /** Aborted when everything is to stop. */
  signal: AbortSignal;
  /** Aborted when it is to stop at once. */
  hurry: AbortSignal;
}

/**
 * Brings the stack up part by part, does the main job, stays up till told to stop, and takes the parts down in the
 * opposite order, whatever happened. Resolves with the exit code.
 */
export async function supervise(context: SupervisorContext): Promise<number> {
  const { root, options, env, terminal } = context;
  const folder = await claimStateFolder(path.resolve(env.PROGENY_DIR || path.join(root, '.progeny')));
  const closers: (() => Promise<void> | void)[] = [() => folder.release()];
  const closing = new AbortController();
  try {
    const ports = await choosePorts(options);
    const page = `http://127.0.0.1:${ports.manager}`;
    folder.announce(page);
    return await run({ ...context, ports, page, folder, closers, closing: closing.signal });
  } finally {
    closing.abort();
    terminal.settle();
    if (context.signal.aborted) terminal.line(colors.dim('  stopping'));
    for (const close of closers.reverse()) await close();
  }
}

interface Run extends SupervisorContext {
  ports: Ports;
  page: string;
  folder: StateFolder;
  closers: (() => Promise<void> | void)[];
  /** Aborted when the parts are being taken down. */
  closing: AbortSignal;
}

async function run(context: Run): Promise<number> {
  const { root, options, env, terminal, folder, signal, closing, closers, page } = context;
  terminal.line(`\n  ${colors.bold('Progeny')}\n`);
  if (options.reset) {
    await terminal.step(
      'data',
      () => folder.clearData(),
      () => resetDetail(env),
    );
  }
  const keep = (server: Server, name: string) => {
    closers.push(() => server.stop());
    void server.ended.then(() => {
      if (!signal.aborted && !closing)
        terminal.line(colors.red(`  ${name} ended by itself; see ${folder.at('logs')}`));
    });
    return server;
  };
  throwIfAborted(signal);
  const database = keep(
    await terminal.step(
      'PostgreSQL',
      () => startDatabase(folder, env.DATABASE_URL),
      (server) => server.detail,
    ),
    'PostgreSQL',
  );
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
  const nats = messaging.server && keep(messaging.server, 'NATS');
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
  if (messaging.server === null) {
    if (messaging.reason) terminal.line(`\n  No nats-server here: ${messaging.reason}.\n${WAYS_TO_NATS}`);
    if (options.infraOnly) return 1;
    terminal.line('  All services run in one process, with their events in memory.');
  }
  if (options.infraOnly) {
    terminal.line(`\n  export DATABASE_URL=${database.url} NATS_URL=${nats?.url}`);
    terminal.line(
      '\n  Now, each in a terminal of its own: npx nx run manager:serve, and so on. Ctrl-C stops both.',
    );
    await aborted(signal);
    return 0;
  }

  throwIfAborted(signal);
  await terminal.step(
    'build',
    () => build(root, signal),
    ({ built }) => (built === 0 ? 'nothing has changed' : `${built} built`),
  );
  const demo = options.demo ? await onUsualPort(DEMO_PORT, (port) => startDemoSite({ port })) : null;
  if (demo) closers.push(() => demo.close());
  const services = createServices({
    ...context,
    databaseUrl: database.url,
    natsUrl: nats?.url ?? null,
    demoUrl: demo?.url ?? null,
  });
  closers.push(() => services.stop());
  context.hurry.addEventListener('abort', () => services.kill());
  throwIfAborted(signal);
  await terminal.step('services', services.start, () => services.names.join(', '));

  terminal.line(
    `\n  Page  ${colors.cyan(page)}     API  ${colors.cyan(`${page}/docs`)}     Logs  ${folder.at('logs')}\n`,
  );
  const seed = options.crawlUrl ?? demo?.url;
  let exitCode = 0;
  if (seed) exitCode = await crawl({ ...context, seed, databaseUrl: database.url });
  if (options.once || signal.aborted) return options.once ? exitCode : 0;
  terminal.line(colors.dim('\n  Up till Ctrl-C.'));
  await aborted(signal);
  return 0;
}

/** The main job: a crawl, live. Resolves with the exit code that it deserves. */
async function crawl(context: Run & { seed: string; databaseUrl: string }): Promise<number> {
  const { terminal, signal, ports, page, seed, databaseUrl } = context;
  const startedMs = performance.now();
  const jobId = await startCrawl(page, seed);
  const address = `${page}/jobs/${jobId}`;
  terminal.line(`  Crawling ${seed}`);
  terminal.line(`  Watch it  ${colors.cyan(address)}\n`);
  const last = await followJob(jobId, {
    addresses: { apiUrl: page, gatewayUrl: `ws://127.0.0.1:${ports.gateway}/ws` },
    signal,
    onProgress: (progress) => terminal.live(progressLine(progress, { columns: terminal.columns, address })),
  });
  terminal.settle();
  if (last === null) return 1;
  const end = {
    status: last.status,
    durationMs: performance.now() - startedMs,
    counters: bucketsOf(last),
    rows: await countRows(databaseUrl, jobId),
  };
  terminal.line();
  for (const line of summaryLines(end)) terminal.line(line);
  return exitCodeOf(end);
}

/** Told to stop while something was being got ready. */
export class StoppedError extends Error {
  readonly code = 'stopped';
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new StoppedError();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const resetDetail = (env: NodeJS.ProcessEnv) =>
  env.DATABASE_URL ? 'cleared what is in .progeny; the database of DATABASE_URL is left alone' : 'cleared';
