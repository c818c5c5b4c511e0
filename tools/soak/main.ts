import { parseArgs } from 'node:util';
import { installNatsServer, workspaceRoot } from '@progeny/infra';
import { build } from '../start/build.ts';
import { runSoak } from './run-soak.ts';
import { type Standing, short, TOLERANCE } from './standing.ts';

const HELP = `
Usage: npm run soak [-- options]

Lets clients connect to a real gateway, subscribe and leave, at random and some rudely, and looks whether
everything is back when they are gone: heap, open descriptors, connections, watched jobs, subscriptions.

  --minutes N   how long (60)
  --visitors N  clients at once (200)
  --seed N      a run to be repeated; left out, a new one
`.trim();

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    visitors: { type: 'string', default: '200' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  const minutes = Number(values.minutes);
  const visitors = Number(values.visitors);
  if (!Number.isSafeInteger(seed) || !(minutes > 0) || !Number.isInteger(visitors) || visitors < 1) {
    console.error(HELP);
    return 2;
  }
  await installNatsServer({ log: { info: (_, text) => console.error(text) } });
  await build(workspaceRoot(), new AbortController().signal);
  console.log(`seed ${seed}`);
  const wrong = await runSoak({
    minutes,
    seed,
    visitors,
    onRest: ({ atMs, standing, visits, frames }) =>
      console.log(`${clock(atMs)}  ${row(standing)}  after ${visits} visits, ${frames} frames`),
  });
  if (wrong.length === 0) {
    console.log(`all is back, within ${row(TOLERANCE)} of the start`);
    return 0;
  }
  console.error(wrong.join('\n'));
  console.error(`Again: npm run soak -- --minutes ${minutes} --visitors ${visitors} --seed ${seed}`);
  return 1;
}

const row = ({ heapMiB, openFiles, connections, watchedJobs, busSubscriptions }: Standing): string =>
  `heap ${short(heapMiB)} MiB, ${openFiles ?? 'unknown'} descriptors, ${connections} connections, ` +
  `${watchedJobs} watched jobs, ${busSubscriptions} subscriptions`;

function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

// The servers are processes that end when we exit, and not when a signal ends us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
