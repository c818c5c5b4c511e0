/**
 * How much a bridge slows its worker. As a test it only sees that each job passes and is counted; with
 * BULLMQ_BENCH_ROUNDS=5 it measures so many rounds in full size and prints the medians; as root, for the priority.
 */
import { constants, setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { createReporter } from '@progeny/reporter';
import { attachBullMQ } from './attach-bullmq.ts';
import { type BullmqScene, startBullmqScene } from './testing/bullmq-scene.ts';
import { type Progeny, startProgeny } from './testing/progeny.ts';

const ROUNDS = Number(process.env.BULLMQ_BENCH_ROUNDS ?? 0);
const WORK = [
  { what: 'jobs of 100 ms, 10 at a time', jobMs: 100, jobs: ROUNDS > 0 ? 300 : 20 },
  { what: 'jobs of 10 ms, 10 at a time', jobMs: 10, jobs: ROUNDS > 0 ? 1_500 : 50 },
  { what: 'jobs that do nothing, 10 at a time', jobMs: 0, jobs: ROUNDS > 0 ? 3_000 : 100 },
];
const WAYS = ['alone', 'worker', 'worker and events'] as const;

interface Measured {
  jobsPerSecond: number;
  cpuMsPerJob: number;
}

let progeny: Progeny;
let scene: BullmqScene;
let runs = 0;

beforeAll(async () => {
  [progeny, scene] = await Promise.all([startProgeny(), startBullmqScene()]);
  // As if Progeny had a machine of its own: what it takes from the worker's processor is not the bridge's doing.
  if (ROUNDS > 0)
    for (const pid of [process.pid, scene.pid]) setPriority(pid, constants.priority.PRIORITY_HIGHEST);
}, 120_000);
afterEach(() => scene.tidy());
afterAll(async () => {
  await scene?.stop();
  await progeny?.stop();
});

async function run(way: (typeof WAYS)[number], { jobs, jobMs }: (typeof WORK)[number]): Promise<Measured> {
  runs += 1;
  const name = `run-${runs}`;
  const queue = scene.queue(name);
  const processor = jobMs === 0 ? async () => 'done' : () => wait(jobMs, 'done');
  const worker = await scene.worker(name, processor, { concurrency: 10, autorun: false });
  const reporter = createReporter({ url: progeny.url });
  scene.onClose(() => reporter.close(0));
  await queue.addBulk(Array.from({ length: jobs }, (_, at) => ({ name: 'one', data: { at } })));
  const queueEvents = way === 'worker and events' ? await scene.events(name) : undefined;
  const parentName = `${way} ${name}`;
  const bridge =
    way === 'alone'
      ? undefined
      : attachBullMQ({ reporter, queue, worker, parentName, ...(queueEvents && { queueEvents }) });
  await bridge?.repair();
  expect(await reporter.flush(60_000)).toBe(true);

  let open = jobs;
  const done = new Promise<void>((resolve) => {
    worker.on('completed', () => {
      open -= 1;
      if (open === 0) resolve();
    });
  });
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  void worker.run();
  await done;
  const seconds = (performance.now() - startMs) / 1_000;
  if (bridge) {
    await bridge.settle();
    bridge.seal();
    expect(await reporter.flush(60_000)).toBe(true);
  }
  const { user, system } = process.cpuUsage(cpu);
  if (bridge) {
    const parent = await progeny.parentNamed(parentName);
    const counts = await progeny.progressWhere(parent.job_id, ({ status }) => status === 'completed');
    expect(counts).toMatchObject({ total_children: jobs, completed_children: jobs });
    expect(reporter.counters).toMatchObject({ lost: 0, refused: 0 });
    await bridge.close();
  }
  await scene.tidy();
  return { jobsPerSecond: jobs / seconds, cpuMsPerJob: (user + system) / 1_000 / jobs };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test.each(WORK)(
  'every one of $what passes and is counted',
  async (work) => {
    const measured = new Map<(typeof WAYS)[number], Measured[]>(WAYS.map((way) => [way, []]));
    for (let round = 0; round < Math.max(1, ROUNDS); round += 1) {
      for (const way of WAYS) measured.get(way)?.push(await run(way, work));
    }
    if (ROUNDS === 0) return;
    const of = (way: (typeof WAYS)[number], what: keyof Measured) =>
      median((measured.get(way) ?? []).map((one) => one[what]));
    const lines = WAYS.map((way) => {
      const slower = (1 - of(way, 'jobsPerSecond') / of('alone', 'jobsPerSecond')) * 100;
      const [perSecond, cpu] = [of(way, 'jobsPerSecond').toFixed(0), of(way, 'cpuMsPerJob').toFixed(2)];
      return `| ${work.what} | ${way} | ${perSecond} | ${slower.toFixed(1)} % | ${cpu} |`;
    });
    process.stdout.write(`${lines.join('\n')}\n`);
  },
  600_000,
);
