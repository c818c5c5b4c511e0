import { parseArgs } from 'node:util';
import { BROKEN_BUILDS } from './broken/broken-builds.ts';
import { tryBroken } from './broken/try-build.ts';
import { openCommandScene } from './commands/command-scene.ts';
import { COMMAND_PROOFS } from './commands/proofs.ts';
import { LONG } from './forms.ts';
import { schedule } from './nemesis/schedule.ts';
import { progressLine } from './progress-line.ts';
import { reportTable } from './report-table.ts';
import { runFaults } from './run-faults.ts';
import { type Build, buildServices } from './stack/build-services.ts';

const HELP = `
Usage: npm run faults [-- options]

Lets real services run under load while everything around them breaks, and checks that the counters stay
exact. The same seed gives the same load and the same faults.

  --minutes N  how long (20)
  --seed N     a run to be repeated; left out, a new one
  --broken     instead: builds that are broken on purpose, each of which a checker has to see
  --commands   instead: commands to 100,000 children, and whoever carries them out is killed in the middle
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string' },
    broken: { type: 'boolean', default: false },
    commands: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP.trim());
  process.exit(0);
}
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(seed) || !(minutes > 0)) {
  console.error(HELP.trim());
  process.exit(2);
}
const COMMANDED_CHILDREN = 100_000;
console.log(`seed ${seed}`);

const { files, remove } = await buildServices();
const build = files as Build;
// Everything that was started ends with this process when it exits, and not when a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', remove);
try {
  const run = values.broken ? tryAllBroken : values.commands ? proveCommands : runLong;
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  remove();
}

async function runLong(): Promise<boolean> {
  const line = progressLine();
  const { violations, folder, ...report } = await runFaults({
    form: LONG,
    seed,
    build,
    rounds: schedule({ seed, ...LONG }),
    untilMs: Date.now() + minutes * 60_000,
    endedWithinMs: 120_000,
    onFault: (name) => line.fault(name),
    onScene: (scene, found) => line.start(scene, found),
  }).finally(() => line.end());
  console.log(reportTable(report));
  if (violations.count === 0) {
    console.log('\nno violations');
    return true;
  }
  console.error(
    `\n${violations.count} violations. Again: npm run faults -- --minutes ${minutes} --seed ${seed}`,
  );
  console.error(`The logs: ${folder}`);
  return false;
}

/** True when all of them finished by themselves, and right. */
async function proveCommands(): Promise<boolean> {
  const scene = await openCommandScene(build, { seed, patienceMs: 900_000 });
  let allRight = true;
  try {
    for (const prove of Object.values(COMMAND_PROOFS)) {
      const { name, children, movedBefore, timesMs, faults } = await prove(scene, COMMANDED_CHILDREN);
      const times = Object.entries(timesMs).map(([what, ms]) => `${what} after ${ms} ms`);
      console.log(`${name}: ${movedBefore} of ${children} were done when it was killed; ${times.join(', ')}`);
      for (const fault of faults) console.error(`  ${fault}`);
      allRight &&= faults.length === 0;
    }
  } finally {
    await scene.close();
  }
  return allRight;
}

/** True when every one of them was seen. */
async function tryAllBroken(): Promise<boolean> {
  let allSeen = true;
  for (const broken of BROKEN_BUILDS) {
    const [first] = await tryBroken(build, broken, seed);
    allSeen &&= first !== undefined;
    console.log(
      `${first === undefined ? 'NOT SEEN' : 'seen'}  ${broken.name}, by ${broken.caughtBy}: ${first ?? 'nothing'}`,
    );
  }
  return allSeen;
}
