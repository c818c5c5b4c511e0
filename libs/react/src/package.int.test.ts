import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Consumer, createConsumer } from './testing/consumer.ts';

let consumer: Consumer;
const installed = (file: string): string =>
  readFileSync(path.join(consumer.folder, 'node_modules/@progeny/react', file), 'utf8');
const importedBy = (file: string): (string | undefined)[] =>
  [...installed(file).matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map(([, from]) => from);

beforeAll(async () => {
  consumer = await createConsumer();
}, 120_000);
afterAll(() => consumer?.remove());

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
  expect(types.filter((file) => /test|fake|consumer/.test(file))).toEqual([]);
});

test('it brings nothing along: React and the client are those of whoever uses it', () => {
  const { dependencies, peerDependencies, exports } = JSON.parse(installed('package.json'));
  expect({ dependencies, peerDependencies }).toEqual({
    peerDependencies: { '@progeny/client': '^0.1.0', react: '>=18' },
  });
  expect(Object.keys(exports)).toEqual(['.']);
  expect([...new Set(importedBy('index.js'))].sort()).toEqual(['react', 'react/jsx-runtime']);
  for (const file of consumer.files.filter((name) => name.endsWith('.d.ts'))) {
    for (const from of importedBy(file)) expect(from).toMatch(/^(\.\/[a-z-]+\.js|react|@progeny\/client)$/);
  }
});

test('frameworks that render on a server are told that it belongs into the browser', () => {
  expect(installed('index.js')).toMatch(/^['"]use client['"];/);
});

test.each(['nodenext', 'bundler'])(
  'the examples compile in a strict TypeScript project that is empty (%s)',
  async (resolution) => {
    const examples = ['job-board.tsx', 'job-timeline.tsx'];
    for (const example of examples) {
      copyFileSync(path.resolve(__dirname, '../examples', example), path.join(consumer.folder, example));
    }
    writeFileSync(path.join(consumer.folder, 'package.json'), '{ "type": "module" }');
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--target', 'es2022'];
    await consumer.typescript(
      ...[...strict, '--jsx', 'react-jsx', '--types', '', '--lib', 'es2022,dom'],
      ...['--module', module, '--moduleResolution', resolution, ...examples],
    );
  },
  60_000,
);

test('what it asks of React is there in the oldest that it allows', () => {
  const asked = [...installed('index.js').matchAll(/import \{([^}]+)\} from "react"/g)].flatMap(([, names]) =>
    (names ?? '').split(',').map((name) => name.trim().split(' as ')[0] ?? ''),
  );
  expect(asked).toContain('useSyncExternalStore');
  const oldest = jest.requireActual<{ version: string }>('react-18');
  expect(oldest.version).toMatch(/^18\./);
  expect(asked.filter((name) => !(name in oldest))).toEqual([]);
});

test('installed as from a registry it renders on a server', async () => {
  consumer.install('react', 'react');
  consumer.install('react-dom', 'react-dom');
  writeFileSync(
    path.join(consumer.folder, 'render.mjs'),
    `import { connect } from '@progeny/client';
import { ProgenyProvider, useConnection, useJobProgress, useJobs, useJobSteps } from '@progeny/react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';

const client = connect({ url: 'ws://gateway.example/ws', WebSocket: class {} });
const Page = () => [useConnection().status, useJobProgress('a') ?? 'unknown', useJobs().length, useJobSteps('a').steps.length].join(' ');
console.log(renderToString(createElement(ProgenyProvider, { client }, createElement(Page))));
`,
  );
  expect((await consumer.node('render.mjs')).trim()).toBe('reconnecting unknown 0 0');
}, 60_000);
