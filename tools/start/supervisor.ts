import path from 'node:path';
import { startDemoSite } from '@progeny/demo-site';
import { colors } from '../colors.ts';
import { addressLines, httpUrl } from './addresses.ts';
import { build } from './build.ts';
import { withBuildLock } from './build-lock.ts';
import { bringUpInfrastructure, type Infrastructure } from './infrastructure.ts';
import { doMainJob } from './main-job.ts';
import { choosePorts, onUsualPort } from './ports.ts';
import { describeReplicas, isReplicated } from './replicas.ts';
import { aborted, type Run, type SupervisorContext, throwIfAborted } from './run.ts';
import { NATS_PORT, POSTGRES_PORT } from './servers.ts';
import { ALL_IN_ONE, createServices } from './services.ts';
import { claimStateFolder } from './state-folder.ts';

/** Where the demo site listens when it can, so that a crawl that was cut off finds it again. */
const DEMO_PORT = 4004;

/**
 * Brings the stack up part by part, does the main job, stays up till told to stop, and takes the parts down in the
 * opposite order, whatever happened. Resolves with the exit code.
 */
export async function supervise(context: SupervisorContext): Promise<number> {
  const { root, options, env, terminal, signal } = context;
  const folder = await claimStateFolder(path.resolve(env.PROGENY_DIR || path.join(root, '.progeny')));
  const closers: Run['closers'] = [() => folder.release()];
  const closing = new AbortController();
  try {
    const ports = await choosePorts(options);
    const page = httpUrl(ports.manager[0]);
    folder.announce(page);
    return await runToTheEnd({ ...context, ports, page, folder, closers, closing: closing.signal });
  } finally {
    closing.abort();
    terminal.settle();
    if (signal.aborted) terminal.line(colors.dim('  stopping'));
    for (const close of closers.reverse()) await close();
  }
}

async function runToTheEnd(run: Run): Promise<number> {
  const { options, terminal, signal } = run;
  terminal.line(`\n  ${colors.bold('Progeny')}\n`);
  const infrastructure = await bringUpInfrastructure(run);
  if (options.infraOnly) return await stayUp(run, infrastructure);

  const demoUrl = await bringUpServices(run, infrastructure);
  terminal.line();
  for (const line of addressLines(run.ports)) terminal.line(line);
  terminal.line(`  Logs  ${run.folder.at('logs')}\n`);
  const seed = options.crawlUrl ?? demoUrl;
  const exitCode = seed ? await doMainJob(run, { seed, databaseUrl: infrastructure.databaseUrl }) : 0;
  if (options.once) return exitCode;
  if (!signal.aborted) terminal.line(colors.dim('\n  Up till Ctrl-C.'));
  await aborted(signal);
  return 0;
}

/** Several replicas meet through NATS alone. */
class ReplicasNeedNatsError extends Error {
  readonly code = 'replicas_need_nats';

  constructor() {
    super('--replicas needs NATS, and there is none here');
    this.name = 'ReplicasNeedNatsError';
  }
}

/** Resolves with the demo site's address, null when there is none. */
async function bringUpServices(run: Run, infrastructure: Infrastructure): Promise<string | null> {
  const { options, terminal, closers } = run;
  if (infrastructure.natsUrl === null) {
    if (isReplicated(options.replicas)) throw new ReplicasNeedNatsError();
    terminal.line('  All services run in one process, with their events in memory.');
  }
  const demo = options.demo ? await onUsualPort(DEMO_PORT, (port) => startDemoSite({ port })) : null;
  if (demo) closers.push(() => demo.close());
  const demoUrl = demo?.url ?? null;
  await withBuildLock(run, () => buildAndStart(run, { ...infrastructure, demoUrl }));
  return demoUrl;
}

async function buildAndStart(
  run: Run,
  neighbours: Infrastructure & { demoUrl: string | null },
): Promise<void> {
  const { root, options, terminal, signal, hurry, closers } = run;
  throwIfAborted(signal);
  if (options.build) {
    await terminal.step(
      'build',
      () => build(root, signal),
      ({ built }) => (built === 0 ? 'nothing has changed' : `${built} built`),
    );
    throwIfAborted(signal);
  }
  const services = createServices({ ...run, ...neighbours });
  closers.push(() => services.stop());
  hurry.addEventListener('abort', () => services.kill());
  // Whoever gives up while they start does not wait for them.
  signal.addEventListener('abort', () => void services.stop());
  const names = neighbours.natsUrl === null ? ALL_IN_ONE : describeReplicas(options.replicas);
  await terminal.step('services', services.start, () => names);
  throwIfAborted(signal);
}

async function stayUp({ terminal, signal }: Run, { databaseUrl, natsUrl }: Infrastructure): Promise<number> {
  if (natsUrl === null) return 1;
  terminal.line(`\n  export DATABASE_URL=${databaseUrl} NATS_URL=${natsUrl}\n`);
  const usual =
    new URL(databaseUrl).port === String(POSTGRES_PORT) && new URL(natsUrl).port === String(NATS_PORT);
  if (usual) terminal.line('  The services look there by default, so nothing has to be exported.');
  terminal.line('  In terminals of their own: npx nx run manager:serve, and so on. Up till Ctrl-C.');
  await aborted(signal);
  return 0;
}
