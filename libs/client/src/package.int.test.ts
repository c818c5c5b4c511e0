import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Consumer } from '@progeny/infra';
import { A, C, childViewOf } from './fake-events.ts';
import { startFakeServer } from './fake-server.ts';
import { PROJECT, packPackage } from './fixture-package.ts';

/** With its comments; a page's own bundler takes those away. */
const BUNDLE_MAX_BYTES = 60_000;
const GZIPPED_MAX_BYTES = 14_500;

let packed: Consumer;
const installed = (file: string) =>
  readFileSync(path.join(packed.folder, 'node_modules/@progeny/client', file), 'utf8');

beforeAll(async () => {
  packed = await packPackage();
}, 120_000);
afterAll(() => packed.remove());

test('the package holds its code, its types, a README and the license, and no test', () => {
  const [types, others] = [
    packed.files.filter((file) => file.endsWith('.d.ts')),
    packed.files.filter((file) => !file.endsWith('.d.ts')),
  ];
  expect(others).toEqual(['LICENSE', 'README.md', 'index.js', 'index.js.map', 'package.json']);
  expect(types).toContain('index.d.ts');
  expect(types.filter((file) => /test|fake|fixture/.test(file))).toEqual([]);
});

test('it depends on nothing, and is small', () => {
  const manifest = JSON.parse(installed('package.json')) as Record<string, unknown>;
  expect(manifest).toMatchObject({ name: '@progeny/client', license: 'MIT', type: 'module' });
  expect(Object.keys(manifest).filter((key) => /dependencies|private|scripts/i.test(key))).toEqual([]);
  const bundle = installed('index.js');
  expect(bundle.match(/^(import\b|export .*\bfrom\b).*|\bimport\(.*|\brequire\(.*/gm)).toBeNull();
  expect(bundle.length).toBeLessThan(BUNDLE_MAX_BYTES);
  expect(gzipSync(bundle).length).toBeLessThan(GZIPPED_MAX_BYTES);
});

test('its types need no other package and name none', () => {
  for (const file of packed.files.filter((name) => name.endsWith('.d.ts'))) {
    const imported = [...installed(file).matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map(
      ([, from]) => from,
    );
    for (const from of imported) expect(from).toMatch(/^\.\/[a-z-]+\.js$/);
  }
});

test('importing it by name gives the API', async () => {
  const print = "import('@progeny/client').then((all) => console.log(Object.keys(all).sort().join()))";
  expect((await packed.node('-e', print)).trim().split(',')).toEqual([
    'JobRefusedError',
    'NoApiUrlError',
    'NoWebSocketError',
    'ProblemError',
    'ProgenyClientError',
    'ReaderTooSlowError',
    'UnexpectedAnswerError',
    'UnreachableError',
    'connect',
    'createJobLedger',
    'isParentView',
  ]);
});

test.each(['nodenext', 'bundler'])(
  'a strict TypeScript project that is empty compiles with it (%s)',
  async (resolution) => {
    writeFileSync(
      path.join(packed.folder, 'use.mts'),
      `import { type Command, connect, type ConnectionState, type JobEvent, ProblemError, type ProgenyClient } from '@progeny/client';
export const client: ProgenyClient = connect({ url: 'ws://h/ws', WebSocket, fetch, token: async () => 't' });
export async function follow(jobId: string): Promise<JobEvent | undefined> {
  let last: JobEvent | undefined;
  for await (const event of client.watch(jobId)) {
    if (event.type === 'JOB_FAILED') console.log(event.payload.error.user_message);
    last = event;
  }
  return last;
}
export const state: ConnectionState = client.state;
client.watchAll({ children: true }).stop();
export async function retry(jobId: string): Promise<Command | null> {
  try {
    const view = await client.command(jobId, 'retry_failed');
    return view?.status === 'running' ? 'cancel' : null;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'job_cancelling') return null;
    throw error;
  }
}
export const stepNames = async (jobId: string) => (await client.steps(jobId)).map(({ step }) => step.event);
// @ts-expect-error there is no such command
client.command('a', 'explode');
// @ts-expect-error a job has no such event
client.watch('a', (event) => event.type === 'JOB_EXPLODED');
`,
    );
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const options = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noEmit',
      '--target',
      'es2022',
      '--types',
      '',
    ];
    await packed.typescript(...options, '--module', module, '--moduleResolution', resolution, 'use.mts');
  },
  60_000,
);

test('the example gives a command, and says why when it is refused', async () => {
  const server = await startFakeServer({
    posts: {
      [`/v1/jobs/${A}/pause`]: {
        status: 409,
        body: { type: 'x', title: 'The job has ended', status: 409, code: 'job_ended' },
      },
      [`/v1/jobs/${C}/retry`]: { status: 202, body: childViewOf(4, { status: 'pending' }) },
    },
  });
  try {
    copyFileSync(path.join(PROJECT, 'examples/command.mjs'), path.join(packed.folder, 'command.mjs'));
    expect(await packed.node('command.mjs', A, 'pause', server.httpUrl)).toBe(
      'refused: job_ended, The job has ended\n',
    );
    expect(await packed.node('command.mjs', C, 'retry', server.httpUrl)).toBe('pending\n');
  } finally {
    await server.close();
  }
}, 60_000);

test.each([
  ['WebSocket', true],
  ['server-sent events', false],
])(
  'the example watches a job until its end over %s',
  async (_, socket) => {
    const server = await startFakeServer({ socket });
    try {
      copyFileSync(path.join(PROJECT, 'examples/watch-job.mjs'), path.join(packed.folder, 'watch-job.mjs'));
      const printed = await packed.node('watch-job.mjs', A, server.url);
      expect(printed.trim().split('\n').slice(-2)).toEqual([
        '0 pending, 0 running, 3 completed, 0 failed',
        'JOB_COMPLETED',
      ]);
      expect(printed).toContain('JOB_STARTED');
    } finally {
      await server.close();
    }
  },
  60_000,
);
