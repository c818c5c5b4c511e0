import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Consumer, createConsumer } from './testing/consumer.ts';

const read = (file: string): string => readFileSync(path.resolve(__dirname, '..', file), 'utf8');

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer();
}, 120_000);
afterAll(() => consumer?.remove());

test('the package holds its code, its types, a README and the license, and nothing of its inside', () => {
  expect(consumer.files).toEqual([
    'LICENSE',
    'README.md',
    'attach-crawlee.d.ts',
    'crawler.d.ts',
    'index.d.ts',
    'index.js',
    'index.js.map',
    'package.json',
    'unsupported-crawler-error.d.ts',
  ]);
});

test('it brings nothing along: Crawlee and the reporter are those of whoever uses it', () => {
  const {
    name,
    license,
    dependencies,
    peerDependencies,
    private: isPrivate,
  } = JSON.parse(consumer.installed('package.json'));
  expect({ name, license, dependencies, peerDependencies, isPrivate }).toEqual({
    name: '@progeny/crawlee',
    license: 'MIT',
    peerDependencies: { '@crawlee/basic': '^3.18.0', '@progeny/reporter': '^0.1.0' },
  });
  const imported = ['index.js', 'attach-crawlee.d.ts', 'crawler.d.ts'].flatMap((file) =>
    [...consumer.installed(file).matchAll(/^(?:import|export)\b.*\bfrom\s+['"]([^'".]+)['"]/gm)].map(
      ([, from]) => from,
    ),
  );
  expect([...new Set(imported)].sort()).toEqual(['@crawlee/basic', '@progeny/reporter']);
});

test('the README shows the example that the tests run', () => {
  const [, shown] = /```js\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  expect(shown).toBe(read('examples/crawl-site.mjs'));
});

test.each(['nodenext', 'bundler'])(
  'a strict TypeScript project that is empty compiles with it, for any class of crawler (%s)',
  async (resolution) => {
    writeFileSync(
      path.join(consumer.folder, 'use.ts'),
      `import { BasicCrawler } from '@crawlee/basic';
import { CheerioCrawler } from '@crawlee/cheerio';
import { HttpCrawler } from '@crawlee/http';
import { attachCrawlee, type CrawleeAttachment } from '@progeny/crawlee';
import { createReporter } from '@progeny/reporter';

class ShopCrawler extends CheerioCrawler {
  readonly shop = 'boots';
}
const reporter = createReporter({ url: 'http://127.0.0.1:4000' });
export const attached: CrawleeAttachment[] = [
  attachCrawlee(new BasicCrawler(), { reporter }),
  attachCrawlee(new HttpCrawler({ requestHandler: ({ body }) => console.log(body) }), { reporter }),
  attachCrawlee(new ShopCrawler({ requestHandler: ({ $ }) => console.log($) }), {
    reporter,
    name: 'Boots',
    deadlineSeconds: 3600,
  }),
];
export const jobId: Promise<string> | undefined = attached[0]?.parent()?.jobId;
// @ts-expect-error each run is a parent of its own
attachCrawlee(new BasicCrawler(), { reporter, idempotencyKey: 'a' });
`,
    );
    const module = resolution === 'nodenext' ? 'nodenext' : 'esnext';
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--skipLibCheck'];
    await consumer.typescript(
      ...[...strict, '--target', 'es2022', '--types', 'node'],
      ...['--module', module, '--moduleResolution', resolution, 'use.ts'],
    );
  },
  60_000,
);
