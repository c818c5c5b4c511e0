import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { createMemoryEventBus } from '@progeny/event-bus';
import { closeServer, listen } from '@progeny/kit';
import { createFakeManager, type FakeManager } from './testing/fake-manager.ts';
import { serveOverHttp } from './testing/manager-over-http.ts';
import { type PackedWorker, packWorker, readmeExample } from './testing/packed-worker.ts';

let packed: PackedWorker;
beforeAll(async () => {
  packed = await packWorker();
}, 120_000);
afterAll(() => packed.remove());

test('the package holds its code, its public types, a README and the license', () => {
  expect(packed.files).toEqual([
    'LICENSE',
    'README.md',
    'create-worker.d.ts',
    'index.d.ts',
    'index.js',
    'index.js.map',
    'job-aborted.d.ts',
    'job-failure.d.ts',
    'job.d.ts',
    'package.json',
    'worker-options-error.d.ts',
    'worker.d.ts',
  ]);
});

test('it depends on the NATS client and on zod, and imports nothing else', () => {
  const manifest = JSON.parse(packed.read('package.json')) as Record<string, unknown>;
  expect(manifest).toMatchObject({ name: '@progeny/worker', license: 'MIT', type: 'module' });
  expect(Object.keys(manifest.dependencies as object).sort()).toEqual(['nats', 'zod']);
  expect(Object.keys(manifest).filter((key) => /private|scripts|devDep|peerDep|nx/i.test(key))).toEqual([]);
  const imported = [...packed.read('index.js').matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gm)].map(
    ([, from]) => from,
  );
  expect([...new Set(imported)].filter((from) => !from?.startsWith('node:')).sort()).toEqual(['nats', 'zod']);
  expect(packed.read('index.js')).not.toMatch(/\brequire\(|@progeny\/(?!worker)/);
});

test('its types name no other package', () => {
  for (const file of packed.files.filter((name) => name.endsWith('.d.ts'))) {
    const imported = [...packed.read(file).matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)];
    for (const [, from] of imported) expect(from).toMatch(/^\.\/[a-z-]+\.js$/);
  }
});

test('importing it by name gives the API', async () => {
  const print = "import('@progeny/worker').then((all) => console.log(Object.keys(all).sort().join()))";
  expect((await packed.node('-e', print)).trim()).toBe(
    'JobAborted,JobFailure,WorkerOptionsError,createWorker',
  );
});

test.each(['nodenext', 'bundler'])(
  'a strict TypeScript project compiles with it (%s)',
  async (resolution) => {
    writeFileSync(
      path.join(packed.folder, 'use.mts'),
      `import { createWorker, JobAborted, JobFailure, type Job, type Worker } from '@progeny/worker';
interface Result { pages: number }
export async function work(job: Job): Promise<Result> {
  job.progress(50, 'half');
  job.emit({ event: 'page_done', page_index: 0, duration_ms: 1, success: true });
  // @ts-expect-error there is no such step
  job.emit({ event: 'coffee' });
  job.addChildren([{ key: 'b' }, { key: 'c', payload: { deep: true } }]);
  if (job.signal.reason instanceof JobAborted && job.signal.reason.code === 'timed_out') return job.skip('late');
  if (job.attempt > 2) throw new JobFailure({ error_code: 'no', user_message: 'No.', retryable: true });
  return { pages: 1 };
}
export const worker: Worker = createWorker({ kind: 'a', natsUrl: process.env.NATS_URL, handler: work });
export const quick = createWorker({ kind: ['a', 'b'], managerUrl: 'http://h', handler: () => {} });
// @ts-expect-error a result is an object
createWorker({ kind: 'a', managerUrl: 'http://h', handler: () => 'done' });
`,
    );
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    await packed.typescript(
      ...['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--target', 'es2022', '--types', 'node'],
      ...['--module', module, '--moduleResolution', resolution, 'use.mts'],
    );
  },
  60_000,
);

describe('the example of the README', () => {
  let catalogues: Server;
  let cataloguesUrl: string;
  let manager: FakeManager;
  let http: Awaited<ReturnType<typeof serveOverHttp>>;
  let worker: ChildProcess;

  beforeAll(async () => {
    catalogues = createServer((request, response) => {
      if (request.url === '/list') response.end(`${cataloguesUrl}/a\n${cataloguesUrl}/b\n`);
      else if (request.url === '/gone') response.writeHead(404).end();
      else response.end();
    });
    cataloguesUrl = `http://127.0.0.1:${await listen(catalogues, { host: '127.0.0.1', port: 0, portVariable: 'PORT' })}`;
    manager = createFakeManager(createMemoryEventBus());
    manager.serve();
    http = await serveOverHttp(() => manager.handlers());
    writeFileSync(path.join(packed.folder, 'example.mjs'), readmeExample());
    const { NATS_URL: _, ...env } = process.env;
    worker = spawn(process.execPath, ['example.mjs'], {
      cwd: packed.folder,
      env: { ...env, MANAGER_URL: http.url },
      stdio: 'inherit',
    });
  });
  afterAll(async () => {
    if (worker.exitCode === null && worker.signalCode === null) worker.kill('SIGKILL');
    await http.close();
    await closeServer(catalogues);
  });

  test('does the work that it says, and ends by itself when it is told to', async () => {
    const parentId = await manager.startParent({
      childType: 'catalogue',
      children: ['list', 'gone'].map((name) => ({ key: name, payload: { url: `${cataloguesUrl}/${name}` } })),
    });
    expect(await manager.ended(parentId)).toMatchObject({ completed_children: 3, failed_children: 1 });
    const all = await manager.children(parentId);
    expect(all.find(({ key }) => key === 'gone')?.error).toEqual({
      error_code: 'no_catalogue',
      user_message: 'The catalogue could not be had.',
      technical_detail: 'status 404',
    });
    const exited = once(worker, 'exit');
    worker.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }, 60_000);
});
