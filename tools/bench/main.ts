import { cpus, loadavg, totalmem } from 'node:os';
import { installNatsServer, workspaceRoot } from '@progeny/infra';
import { build } from '../start/build.ts';
import { measureCommands } from './commands/measure-commands.ts';
import { measureFanout } from './fanout/measure-fanout.ts';
import { OpenFilesError } from './fanout/open-files.ts';
import { measureLatency } from './latency/measure-latency.ts';
import { type BenchOptions, HELP, OptionError, parseOptions } from './options.ts';
import { measurePeers, RedisMissingError } from './peers/measure-peers.ts';
import { measurePipeline } from './pipeline/measure-pipeline.ts';
import { type Results, toText } from './print.ts';
import { measureScale } from './scale/measure-scale.ts';
import { measureWall } from './wall/measure-wall.ts';

/** Where a run is; the results alone go to standard output. */
const say = (text: string) => console.error(text);
const load = () => Math.round((loadavg()[0] ?? 0) * 100) / 100;

async function measure({ benchmarks, rounds, ...options }: BenchOptions): Promise<Results> {
  const { children, connections, short, cpuProfiles } = options;
  const before = load();
  const results: Omit<Results, 'load'> = {
    machine: `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    rounds,
  };
  for (const benchmark of benchmarks) {
    say(benchmark);
    switch (benchmark) {
      case 'latency':
        results.latency = await measureLatency({
          rounds,
          parents: 100,
          changesPerSecond: 1_000,
          seconds: short ? 1 : 20,
        });
        break;
      case 'pipeline':
        results.pipeline = await measurePipeline({ rounds, children, cpuProfiles });
        break;
      case 'peers':
        results.peers = await measurePeers(
          { rounds, children, settingsTried: short ? 1 : 3 },
          { info: (_, text) => say(`  ${text}`) },
        );
        break;
      case 'scale':
        results.scale = await measureScale(children, (text) => say(`  ${text}`));
        break;
      case 'commands':
        results.commands = await measureCommands(children * 20, (text) => say(`  ${text}`));
        break;
      case 'fanout':
        results.fanout = await measureFanout({ connections, rounds, short }, (text) => say(`  ${text}`));
        break;
      case 'wall':
        results.wall = await measureWall({ rounds, children });
        break;
      default:
        benchmark satisfies never;
    }
  }
  return { ...results, load: { before, after: load() } };
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) {
    console.log(HELP);
    return 0;
  }
  await installNatsServer({ log: { info: (_, text) => say(text) } });
  await build(workspaceRoot(), new AbortController().signal);
  const results = await measure(options);
  console.log(options.json ? JSON.stringify(results) : toText(results));
  return 0;
}

/** Told in words: no stack would help. */
const PLAIN_ERRORS = [OptionError, RedisMissingError, OpenFilesError];

// The servers are processes that end when we exit, and not when a signal ends us.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isPlain = PLAIN_ERRORS.some((kind) => error instanceof kind);
    console.error(isPlain ? (error as Error).message : error);
    process.exit(1);
  },
);
