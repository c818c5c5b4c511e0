import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Consumer, installPacked } from '@progeny/infra';
import { startBullmqScene } from './testing/bullmq-scene.ts';
import { startProgeny } from './testing/progeny.ts';

const run = promisify(execFile);
const PROJECT = path.resolve(__dirname, '..');

let consumer: Consumer;
const installed = (file: string) =>
  readFileSync(path.join(consumer.folder, 'node_modules/@progeny/bullmq', file), 'utf8');
const node = async (args: readonly string[], env: Record<string, string>): Promise<string> =>
  (
    await run(process.execPath, args, {
      cwd: consumer.folder,
      timeout: 60_000,
      env: { ...process.env, FORCE_COLOR: '0', ...env },
    })
  ).stdout;

beforeAll(async () => {
  consumer = await installPacked(['reporter', 'bullmq'], {
    linked: ['bullmq', '@types/node', 'undici-types'],
  });
}, 120_000);
afterAll(() => consumer.remove());

test('the package holds its code, its types, a README and the license, and no test', () => {
  const types = consumer.files.filter((file) => file.endsWith('.d.ts'));
  expect(consumer.files.filter((file) => !types.includes(file))).toEqual([
    'LICENSE',
    'README.md',
    'index.js',
    'index.js.map',
    'package.json',
  ]);
  expect(types).toContain('index.d.ts');
  expect(types.filter((file) => /test|scene|progeny/.test(file))).toEqual([]);
});

test('it brings nothing along: BullMQ and the reporter are those of whoever uses it', () => {
  const { dependencies, peerDependencies } = JSON.parse(installed('package.json'));
  expect({ dependencies, peerDependencies }).toEqual({
    peerDependencies: { '@progeny/reporter': '^0.1.0', bullmq: '^6.0.0' },
  });
  const imported = [...installed('index.js').matchAll(/^import .* from "([^"]+)"/gm)].map(([, from]) => from);
  expect([...new Set(imported)]).toEqual(['bullmq']);
  for (const file of consumer.files.filter((name) => name.endsWith('.d.ts'))) {
    for (const [, from] of installed(file).matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
      expect(from).toMatch(/^(\.\/[a-z-]+\.js|bullmq|@progeny\/reporter)$/);
    }
  }
});

test.each(['nodenext', 'bundler'])(
  'a strict TypeScript project compiles with it, whatever its jobs are made of (%s)',
  async (resolution) => {
    writeFileSync(
      path.join(consumer.folder, 'use.mts'),
      `import { attachBullMQ, type BullMQBridge } from '@progeny/bullmq';
import { createReporter } from '@progeny/reporter';
import { Queue, QueueEvents, Worker } from 'bullmq';

const connection = { host: 'redis' };
const queue = new Queue<{ url: string }, { pages: number }, 'crawl' | 'index'>('pages', { connection });
const worker = new Worker<{ url: string }, { pages: number }, 'crawl' | 'index'>('pages', async () => ({ pages: 1 }), { connection });
const reporter = createReporter({ url: 'http://h' });
export const bridge: BullMQBridge = attachBullMQ({
  reporter, queue, worker, queueEvents: new QueueEvents('pages', { connection }), parentOf: (job) => job.data.url,
});
// @ts-expect-error it needs a queue
attachBullMQ({ reporter, worker });
`,
    );
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noEmit',
      '--skipLibCheck',
      '--target',
      'es2022',
    ];
    await consumer.typescript(
      ...strict,
      '--types',
      'node',
      '--module',
      module,
      '--moduleResolution',
      resolution,
      'use.mts',
    );
  },
  60_000,
);

test('the example shows its queue in Progeny, and ends', async () => {
  const [progeny, scene] = await Promise.all([startProgeny(), startBullmqScene()]);
  try {
    copyFileSync(path.join(PROJECT, 'examples/show-queue.mjs'), path.join(consumer.folder, 'show-queue.mjs'));
    const env = { REDIS_PORT: String(scene.connection.port), PROGENY_URL: progeny.url };
    expect(await node(['show-queue.mjs'], env)).toBe('{ length: 21 }\n0 lost\n');
    const parent = await progeny.parentNamed(`pages ${new Date().toISOString().slice(0, 10)}`);
    expect(await progeny.childrenOf(parent.job_id)).toMatchObject([
      {
        status: 'completed',
        payload: { job_name: 'page', url: 'https://site.example/' },
        result: { length: 21 },
      },
    ]);
  } finally {
    await scene.stop();
    await progeny.stop();
  }
}, 120_000);

test('the README shows the calls of the example', () => {
  const readme = readFileSync(path.join(PROJECT, 'README.md'), 'utf8');
  const example = readFileSync(path.join(PROJECT, 'examples/show-queue.mjs'), 'utf8');
  const [, shown = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(example).toContain(shown.split('\n').find((line) => line.includes('attachBullMQ(')) ?? 'nothing');
});
