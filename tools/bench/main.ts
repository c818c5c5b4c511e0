import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { connectNatsEventBus } from '@progeny/event-bus-nats';
import { workspaceRoot } from '@progeny/infra';
import { build } from '../start/build.ts';
import { startBenchStack } from './bench-stack.ts';
import { type Latency, measureCommitToFrame } from './commit-to-frame.ts';
import { median } from './statistics.ts';
import { measureThroughput } from './throughput.ts';

const HELP = `
Usage: npm run bench [-- options]

Measures the whole pipeline with real processes: manager, parent executor, gateway, PostgreSQL with
everything durable, NATS, one viewer. Medians of the rounds; the machine should do nothing else.

  --rounds N   how often each is measured (5)
  --short      one round of a twentieth of the work, to see that it runs
  --json       the results as one line of JSON
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP.trim());
  process.exit(0);
}
const rounds = values.short ? 1 : Number(values.rounds);
const seconds = values.short ? 1 : 20;
const children = values.short ? 2_500 : 50_000;
const latencyCases = [
  { name: 'changes in batches of 5', parents: 100, changesPerSecond: 1_000, seconds, batch: 5 },
  { name: 'changes one by one', parents: 100, changesPerSecond: 1_000, seconds, batch: 1 },
];

await build(workspaceRoot(), new AbortController().signal);
const stack = await startBenchStack();
const log = { warn: console.error, error: console.error };
const bus = connectNatsEventBus({ url: stack.natsUrl, name: 'bench', log });
try {
  await bus.connected;
  const results = {
    machine: `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    latency: Object.fromEntries(await inTurn(latencyCases, measureLatency)),
    throughput: await measureRate(),
  };
  print(results);
} finally {
  await bus.close();
  await stack.stop();
}

async function measureLatency({ name, ...options }: (typeof latencyCases)[number]) {
  const measured: Latency[] = [];
  for (let round = 0; round < rounds; round += 1)
    measured.push(await measureCommitToFrame(stack, bus, options));
  const of = (read: (latency: Latency) => number) => median(measured.map(read));
  return [
    name,
    {
      p50Ms: of((latency) => latency.p50Ms),
      p95Ms: of((latency) => latency.p95Ms),
      p99Ms: of((latency) => latency.p99Ms),
      changes: of((latency) => latency.changes),
      frames: of((latency) => latency.frames),
    },
  ] as const;
}

async function measureRate() {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { childrenPerSecond, last } = await measureThroughput(stack, bus, {
      children,
      batch: 250,
      loops: 4,
    });
    if (last.completed_children !== children) throw new Error(`the counts are wrong: ${last.progress_text}`);
    rates.push(Math.round(childrenPerSecond));
  }
  return { children, childrenPerSecond: median(rates), rounds: rates };
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}

function print(results: {
  machine: string;
  latency: Record<string, Latency>;
  throughput: Awaited<ReturnType<typeof measureRate>>;
}) {
  if (values.json) {
    console.log(JSON.stringify(results));
    return;
  }
  console.log(`${results.machine}; ${rounds} rounds, medians\n`);
  console.log('commit to WebSocket frame, 100 parents, 1,000 child changes a second');
  for (const [name, { p50Ms, p95Ms, p99Ms, changes, frames }] of Object.entries(results.latency)) {
    console.log(
      `  ${name}: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms (${changes} changes in ${frames} frames)`,
    );
  }
  const { throughput } = results;
  console.log(`\none parent, ${throughput.children} children that do nothing`);
  console.log(`  ${throughput.childrenPerSecond} children/s (rounds: ${throughput.rounds.join(', ')})`);
}
