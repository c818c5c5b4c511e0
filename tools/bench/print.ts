import type { CommandsResult } from './commands/measure-commands.ts';
import { commandsText } from './commands/print-commands.ts';
import type { FanoutResult } from './fanout/measure-fanout.ts';
import { fanoutText } from './fanout/print-fanout.ts';
import type { Latency } from './latency/commit-to-frame.ts';
import type { ProcessCost } from './measure/process-cost.ts';
import type { PeerResult } from './peers/measure-peers.ts';
import type { PipelineResult } from './pipeline/measure-pipeline.ts';
import type { ScaleResult } from './scale/measure-scale.ts';
import type { WallResult } from './wall/measure-wall.ts';

/** What was measured; a benchmark that was not asked for is left out. */
export interface Results {
  machine: string;
  rounds: number;
  /** How many processes wanted to run, on average in the minute before and after. */
  load: { before: number; after: number };
  latency?: Record<string, Latency>;
  pipeline?: PipelineResult;
  peers?: PeerResult[];
  scale?: ScaleResult;
  commands?: CommandsResult;
  fanout?: FanoutResult;
  wall?: WallResult;
}

/** The results for a reader. */
export function toText(results: Results): string {
  const { machine, rounds, load, latency, pipeline, peers, scale, commands, fanout, wall } = results;
  const title = `${machine}\n${rounds} ${rounds === 1 ? 'round' : 'rounds, medians'}, of scale and commands one run; load ${load.before} before, ${load.after} after`;
  return [
    title,
    ...(latency ? [latencyText(latency)] : []),
    ...(pipeline ? [pipelineText(pipeline)] : []),
    ...(peers ? [peersText(peers)] : []),
    ...(scale ? [scaleText(scale)] : []),
    ...(commands ? [commandsText(commands)] : []),
    ...(fanout ? [fanoutText(fanout)] : []),
    ...(wall ? [wallText(wall)] : []),
  ].join('\n\n');
}

const number = (value: number) => value.toLocaleString('en');

function latencyText(latency: Record<string, Latency>): string {
  const lines = Object.entries(latency).map(
    ([name, { p50Ms, p95Ms, p99Ms, changes, frames }]) =>
      `  ${name}: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms (${changes} changes in ${frames} frames)`,
  );
  return ['commit to WebSocket frame, 100 parents, 1,000 child changes a second', ...lines].join('\n');
}

function pipelineText(result: PipelineResult): string {
  return [
    `one parent, ${number(result.children)} children that do nothing, from the first claim to the viewer`,
    `  ${number(result.childrenPerSecond)} children/s (rounds: ${result.rounds.join(', ')})`,
    `  added before at ${number(result.addedPerSecond)} children/s`,
    `  the viewer was behind by p50 ${result.lag.p50Ms} ms, p99 ${result.lag.p99Ms} ms, at most ${result.lag.maxMs} ms (${result.frames} frames)`,
    `  CPU seconds for 50,000 children: ${result.cpuSecondsPer50k ?? 'unknown'}`,
    ...costLines(result.processes),
  ].join('\n');
}

const costLines = (processes: Record<string, ProcessCost>): string[] =>
  Object.entries(processes).map(
    ([name, { cpuSecondsPer50k, peakMemoryMiB }]) =>
      `    ${name.padEnd(16)} ${cpuSecondsPer50k.toFixed(2).padStart(6)} s ${String(peakMemoryMiB).padStart(5)} MiB`,
  );

const wallText = ({ batch, ...result }: WallResult): string =>
  [
    `batches of ${batch}, by a service and by a caller behind row-level security, in turn`,
    ...(['claim', 'report'] as const).map((what) => {
      const { serviceMs, callerMs, ratio } = result[what];
      return `  ${what}: ${serviceMs.toFixed(1)} ms and ${callerMs.toFixed(1)} ms, x ${ratio.toFixed(2)}`;
    }),
  ].join('\n');

function peersText(peers: readonly PeerResult[]): string {
  const rows = peers.map((peer) => [
    peer.name,
    number(peer.childrenPerSecond),
    peer.ratio.toFixed(2),
    number(peer.addedPerSecond),
    peer.cpuSecondsPer50k?.toFixed(2) ?? 'unknown',
    Object.entries(peer.setting)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    peer.rounds.join(' '),
  ]);
  const heads = ['system', 'children/s', 'we are x', 'added/s', 'CPU s/50k', 'setting', 'rounds'];
  return ['the same children through each system, in turn', ...columns([heads, ...rows])].join('\n');
}

function scaleText({ cases, million }: ScaleResult): string {
  const rows = cases.map((one) => [
    `${one.name} (${number(one.parents)} x ${number(one.childrenEach)})`,
    number(one.childrenPerSecond),
    number(one.addedPerSecond),
    `${one.lag.p50Ms} / ${one.lag.p99Ms} / ${one.lag.maxMs} ms`,
    `${one.foldLagSeconds.p50 ?? '-'} / ${one.foldLagSeconds.p99 ?? '-'} s`,
    one.cpuSecondsPer50k?.toFixed(2) ?? 'unknown',
  ]);
  const heads = ['load', 'children/s', 'added/s', 'viewer p50/p99/max', 'fold lag p50/p99', 'CPU s/50k'];
  const names = [...new Set(cases.flatMap(({ processes }) => Object.keys(processes)))];
  const memory = cases.map((one) => [
    one.name,
    ...names.map((name) => String(one.processes[name]?.peakMemoryMiB ?? '-')),
  ]);
  return [
    'scale',
    ...columns([heads, ...rows]),
    `  a big parent over parents of a thousand: ${million.ratio} (pairs: ${million.pairs.map((pair) => `${pair.big}/${pair.thousand}`).join(' ')})`,
    `  the first tenth of the big parent ${number(million.firstTenthPerSecond)} children/s, the last ${number(million.lastTenthPerSecond)}`,
    '  peak memory in MiB',
    ...columns([['load', ...names], ...memory]),
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
