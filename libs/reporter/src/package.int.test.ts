import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type Consumer, installPacked } from '@progeny/infra';
import { createFakeManager } from './fake-manager.ts';

const PROJECT = path.resolve(__dirname, '..');

let consumer: Consumer;
const installed = (file: string) =>
  readFileSync(path.join(consumer.folder, 'node_modules/@progeny/reporter', file), 'utf8');

beforeAll(async () => {
  consumer = await installPacked(['reporter']);
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
  expect(types.filter((file) => /test|fake|fixture/.test(file))).toEqual([]);
});

test('it depends on nothing, in its code and in its types', () => {
  const manifest = JSON.parse(installed('package.json')) as Record<string, unknown>;
  expect(Object.keys(manifest).filter((key) => /dependencies|private|scripts/i.test(key))).toEqual([]);
  expect(
    installed('index.js').match(/^(import\b|export .*\bfrom\b).*|\bimport\(.*|\brequire\(.*/gm),
  ).toBeNull();
  for (const file of consumer.files.filter((name) => name.endsWith('.d.ts'))) {
    for (const [, from] of installed(file).matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)) {
      expect(from).toMatch(/^\.\/[a-z-]+\.js$/);
    }
  }
});

test.each(['nodenext', 'bundler'])(
  'a strict TypeScript project that is empty compiles with it (%s)',
  async (resolution) => {
    writeFileSync(
      path.join(consumer.folder, 'use.mts'),
      `import { createReporter, type Loss, type ParentReporter, type Reporter } from '@progeny/reporter';
export const reporter: Reporter = createReporter({ url: 'http://h', token: async () => 't', fetch });
export const parent: ParentReporter = reporter.parent({ idempotencyKey: 'k', failurePolicy: { max_failed: '5%' } });
parent.status('a', { status: 'failed', attempt: 1, error: { error_code: 'broken' } });
reporter.onLost(({ keys }: Loss) => console.log(keys.length));
// @ts-expect-error pending is the system's own to give
parent.status('a', { status: 'pending', attempt: 1 });
`,
    );
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noEmit',
      '--target',
      'es2022',
      '--types',
      '',
    ];
    await consumer.typescript(...strict, '--module', module, '--moduleResolution', resolution, 'use.mts');
  },
  60_000,
);

test('the example tells everything and ends', async () => {
  const manager = createFakeManager();
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/' } = request;
    const body = method === 'GET' ? {} : { body: await text(request) };
    const headers = request.headers as Record<string, string>;
    const answer = await manager.fetch(`http://manager.example${url}`, { method, headers, ...body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    copyFileSync(
      path.join(PROJECT, 'examples/report-work.mjs'),
      path.join(consumer.folder, 'report-work.mjs'),
    );
    const { port } = server.address() as AddressInfo;
    const printed = await consumer.node('report-work.mjs', `http://127.0.0.1:${port}`);
    expect(printed).toMatch(/^all told .*\np1\n$/s);
    expect(manager.parents.get('p1')).toMatchObject({ sealed: true, spec: { name: 'Import of today' } });
    expect([...manager.children.values()].map(({ key, status }) => `${key} ${status}`)).toEqual([
      'a.csv completed',
      'b.csv completed',
      'c.csv completed',
    ]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}, 60_000);

test('the README shows the calls of the example', () => {
  const readme = readFileSync(path.join(PROJECT, 'README.md'), 'utf8');
  const example = readFileSync(path.join(PROJECT, 'examples/report-work.mjs'), 'utf8');
  const [, shown = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const plain = (code: string) => code.replaceAll(/'a\.csv'/g, 'file').replaceAll(/\s+/g, ' ');
  for (const call of shown.split('\n').filter((line) => /^parent\.(?!addChild)/.test(line))) {
    expect(plain(example)).toContain(plain(call));
  }
});
