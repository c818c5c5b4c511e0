import { parseArgs } from 'node:util';

export const BENCHMARKS = ['latency', 'pipeline', 'peers', 'scale', 'commands', 'fanout', 'wall'] as const;
export type Benchmark = (typeof BENCHMARKS)[number];

export const HELP = `
Usage: npm run bench [-- <benchmark> ...] [options]

Measures the product on this machine, with real processes and PostgreSQL with everything durable. Rates are
medians of the rounds; the machine should do nothing else. Every run fails when a count is wrong.

  latency      milliseconds from a change's commit to the WebSocket frame that counts it
  pipeline     children per second from the worker to a viewer, and the CPU seconds of each process
  peers        the same children through BullMQ, pg-boss and graphile-worker, round by round
  scale        a thousand against a million children of one parent, and 10,000 parents
  commands     cancel, retry and delete of a parent with twenty times as many children
  fanout       one gateway with 10,000 WebSocket clients, and beside it a bare loop of \`ws\`
  wall         claims and reports of a caller behind row-level security, beside those of a service
  all          all of them; without a name: latency, pipeline and peers

  --rounds N     how often each is measured (5)
  --children N   children of a round (50,000)
  --connections N clients of fanout (10,000)
  --short        one round of a twentieth of the work, to see that it runs
  --json         the results as one line of JSON
  --cpu-prof DIR with pipeline: a V8 profile of each service, to see what it spends its time on
`.trim();

export interface BenchOptions {
  benchmarks: readonly Benchmark[];
  rounds: number;
  children: number;
  /** WebSocket clients of the fan-out. */
  connections: number;
  short: boolean;
  json: boolean;
  /** A folder for profiles of the services. */
  cpuProfiles: string | null;
}

export class OptionError extends Error {
  readonly code = 'invalid_option';
}

/** Null: the user wants help. Throws OptionError. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const short = values.short ?? false;
  return {
    benchmarks: benchmarksOf(positionals),
    rounds: numberOf('--rounds', values.rounds) ?? (short ? 1 : 5),
    children: numberOf('--children', values.children) ?? (short ? 2_500 : 50_000),
    connections: numberOf('--connections', values.connections) ?? (short ? 500 : 10_000),
    short,
    json: values.json ?? false,
    cpuProfiles: values['cpu-prof'] ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        children: { type: 'string' },
        connections: { type: 'string' },
        short: { type: 'boolean' },
        json: { type: 'boolean' },
        'cpu-prof': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new OptionError((error as Error).message, { cause: error });
  }
}

function benchmarksOf(names: readonly string[]): readonly Benchmark[] {
  if (names.length === 0) return ['latency', 'pipeline', 'peers'];
  const wanted = names.flatMap((name) => (name === 'all' ? BENCHMARKS : [name]));
  const unknown = wanted.filter((name) => !BENCHMARKS.some((benchmark) => benchmark === name));
  if (unknown.length > 0) throw new OptionError(`there is no benchmark ${unknown.join(', ')}; see --help`);
  return BENCHMARKS.filter((benchmark) => wanted.includes(benchmark));
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new OptionError(`${name} is a whole number above 0`);
  return value;
}
