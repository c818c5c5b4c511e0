import type { FanoutResult } from './measure-fanout.ts';
import type { SaturationResult } from './saturation.ts';
import type { StalledResult } from './stalled.ts';
import type { BroadcastResult, SteadyResult } from './steady.ts';

const number = (value: number) => value.toLocaleString('en');
const round = (value: number, digits = 1) => (Number.isNaN(value) ? 'unknown' : value.toFixed(digits));
const percent = (share: number) => `${round(share * 100, 0)} %`;

/** What is aimed at with 10,000 connections on two cores. */
export function fanoutText({ many, one, saturation, stalled }: FanoutResult): string {
  return [
    'fan-out of one gateway',
    ...steadyLines(many, { aimMs: 25 }),
    ...steadyLines(one, { aimMs: 150 }),
    ...bareLines(one),
    ...saturation.flatMap(saturationLines),
    ...stalledLines(stalled),
  ].join('\n');
}

const steadyLines = (
  { jobs, readersEach, perJobPerSecond, p50Ms, p99Ms, arrived, cpu, memory }: SteadyResult,
  { aimMs }: { aimMs: number },
): string[] => [
  `  ${number(jobs)} x ${number(readersEach)} readers, ${perJobPerSecond} updates/s each: p50 ${round(p50Ms)} ms, p99 ${round(p99Ms)} ms (aim: below ${aimMs})`,
  `    ${percent(arrived)} of the updates came, all last ones; the gateway took ${percent(cpu)} of a core`,
  `    memory of a connection: ${round(memory.connectedKiB)} KiB when it is subscribed, ${round(memory.afterTrafficKiB)} KiB after the traffic (aim: below 25)`,
];

const bareLines = ({ bare, p99Ratio, p99Ratios, cpuRatio, cpuRatios }: BroadcastResult): string[] => [
  `    bare loop: p50 ${round(bare.p50Ms)} ms, p99 ${round(bare.p99Ms)} ms, ${percent(bare.cpu)} of a core`,
  `    its p99 over the gateway's: ${round(p99Ratio, 2)} (aim: at least 0.8; pairs: ${pairs(p99Ratios)}); its CPU time: ${round(cpuRatio, 2)} (pairs: ${pairs(cpuRatios)})`,
];

const saturationLines = (result: SaturationResult): string[] => {
  const { jobs, readers, jobsEach, perJobPerSecond, gateway, bare, share, pingsPerHundred } = result;
  return [
    `  as fast as it goes: ${number(readers)} readers, ${jobsEach} of ${jobs} jobs each, ${perJobPerSecond} updates/s of each job`,
    `    gateway    ${number(gateway.framesPerSecond).padStart(9)} frames/s, ${round(gateway.cpuSecondsPerMillion, 2)} CPU s for a million; ${percent(share)} of what was published, ${round(pingsPerHundred)} pings to 100 frames`,
    `    bare loop  ${number(bare.framesPerSecond).padStart(9)} frames/s, ${round(bare.cpuSecondsPerMillion, 2)} CPU s for a million`,
    `    frames for a CPU second: ${round(result.cpuRatio, 2)} (aim: at least 0.8; pairs: ${pairs(result.cpuRatios)}); for a second: ${round(result.wallRatio, 2)} (pairs: ${pairs(result.wallRatios)})`,
  ];
};

const pairs = (ratios: readonly number[]) => ratios.map((ratio) => round(ratio, 2)).join(' ');

const stalledLines = (result: StalledResult): string[] => [
  `  ${number(result.stalled)} of ${number(result.readers)} readers stall, with ${result.jobs} jobs each at ${result.perJobPerSecond} updates/s`,
  `    memory grows by ${round(result.growthMiB)} MiB (aim: below 50), p99 of the others ${round(result.p99Ms)} ms after ${round(result.p99BeforeMs)} ms, ${round(result.timesBefore, 2)} times (aim: below 2)`,
  `    they find ${round(result.oldFramesPerJob, 2)} old frames of each job (aim: at most 2), ${result.cutOff} were cut off`,
];
