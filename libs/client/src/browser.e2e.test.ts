import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Consumer, findChromium } from '@progeny/infra';
import { type Browser, chromium } from 'playwright-core';
import { A } from './fake-events.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';
import { PROJECT, packPackage } from './fixture-package.ts';

let packed: Consumer;
let server: FakeServer;
let browser: Browser;

beforeAll(async () => {
  packed = await packPackage();
  const executablePath = await findChromium();
  if (!executablePath) throw new Error('no Chromium here: apt-get install chromium, or set CHROMIUM_PATH');
  // As root Chromium starts without a sandbox only; the page is our own.
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}, 120_000);
afterEach(() => server.close());
afterAll(async () => {
  await browser.close();
  packed.remove();
});

test.each([
  ['WebSocket', true],
  ['server-sent events', false],
])(
  'the published package shows a job to its end in a page, over %s',
  async (_, socket) => {
    const read = (file: string) => readFileSync(file, 'utf8');
    server = await startFakeServer({
      socket,
      files: {
        '/watch-job.html': { type: 'text/html', text: read(path.join(PROJECT, 'examples/watch-job.html')) },
        '/client/index.js': {
          type: 'text/javascript',
          text: read(path.join(packed.folder, 'node_modules/@progeny/client/index.js')),
        },
      },
    });
    const page = await browser.newPage();
    const faults: Error[] = [];
    page.on('pageerror', (fault) => faults.push(fault));
    await page.goto(`${server.httpUrl}/watch-job.html?job=${A}&gateway=${encodeURIComponent(server.url)}`);
    await page.getByText('done').waitFor();
    expect(await page.locator('#bar').getAttribute('value')).toBe('99');
    expect(await page.locator('#state').textContent()).toBe('live');
    expect(faults).toEqual([]);
    await page.close();
  },
  60_000,
);
