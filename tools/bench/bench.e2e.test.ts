import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { workspaceRoot } from '@progeny/infra';
import type { Results } from './print.ts';

const run = promisify(execFile);
const CHILDREN = 100;
const CONNECTIONS = 200;
jest.setTimeout(240_000);

const bench = (...args: string[]) =>
  run(process.execPath, ['--import', 'tsx', 'tools/bench/main.ts', ...args], { cwd: workspaceRoot() });

/** Every number of a result, by its path. */
function numbersIn(value: unknown, path = ''): [path: string, value: number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => numbersIn(part, `${path}/${name}`));
}

/** A run ends with an error when a count is wrong, so what came out was counted right. */
test('every benchmark runs in small, counts right, and has a number in each row', async () => {
  const { stdout } = await bench(
    'all',
    '--short',
    '--json',
    `--children=${CHILDREN}`,
    `--connections=${CONNECTIONS}`,
  );
  const results: Results = JSON.parse(stdout);
  const { latency, pipeline, peers, scale, commands, fanout, wall } = results;

  expect(Object.values(latency ?? {}).map(({ changes }) => changes)).toEqual([1_000, 1_000]);
  expect(pipeline?.children).toBe(CHILDREN);
  expect(Object.keys(pipeline?.processes ?? {}).sort()).toEqual(
    ['manager', 'nats', 'parent-executor', 'postgres', 'viewer', 'worker', 'ws-gateway'].sort(),
  );
  expect(peers?.map(({ name }) => name)).toEqual([
    'Progeny',
    'BullMQ, snapshots, its default',
    'BullMQ, appendonly, fsync every second',
    'pg-boss',
    'graphile-worker',
  ]);
  expect(scale?.cases.map(({ parents, childrenEach }) => parents * childrenEach)).toEqual([
    CHILDREN,
    20 * CHILDREN,
    20 * CHILDREN,
  ]);
  expect(scale?.million.pairs).toHaveLength(5);

  expect(commands).toMatchObject({ children: 20 * CHILDREN, running: 500 });
  for (const { answerMs, nothingRunsMs, endedMs } of [commands?.cancel, commands?.abandoned].flatMap(
    (times) => times ?? [],
  )) {
    // The viewer may know what a command did before whoever gave it has the answer.
    expect(answerMs).toBeGreaterThan(0);
    expect(nothingRunsMs).toBeLessThanOrEqual(endedMs);
  }

  // Each ends with an error when the last version of a job has not reached all of its readers.
  expect(fanout?.one.readersEach).toBe(CONNECTIONS);
  expect((fanout?.many.jobs ?? 0) * (fanout?.many.readersEach ?? 0)).toBe(CONNECTIONS);
  expect(fanout?.saturation.map(({ readers, jobsEach }) => readers * jobsEach)).toEqual([
    CONNECTIONS,
    10 * CONNECTIONS,
  ]);
  expect(fanout?.stalled).toMatchObject({ readers: CONNECTIONS / 5, stalled: CONNECTIONS / 50, cutOff: 0 });
  // Those who stall hide at most what the credit allows, however much was published meanwhile.
  expect(fanout?.stalled.oldFramesPerJob).toBeLessThanOrEqual(2);

  expect(wall).toMatchObject({ batch: 500, children: 1_000 });

  // JSON knows neither NaN nor infinity: what could not be computed stands there as null.
  expect(stdout.replaceAll(/"foldLagSeconds":\{[^}]*\}/g, '')).not.toContain('null');
  const rates = numbersIn(results).filter(([path]) =>
    /PerSecond$|[rR]atio$|p99Ms$|\/rounds\/\d+$/.test(path),
  );
  expect(rates.length).toBeGreaterThan(20);
  // Of a few children the viewer may know before whoever reported them has heard the answer.
  const isLag = (path: string) => path.includes('/lag/');
  expect(rates.filter(([path, value]) => !(value > 0 || (isLag(path) && value === 0)))).toEqual([]);
});

test('a benchmark that does not exist is named', async () => {
  await expect(bench('speed')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no benchmark speed'),
  });
});
