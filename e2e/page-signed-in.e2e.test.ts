import type { ParentView } from '@progeny/contract';
import { createTestKeys } from '@progeny/identity/testing';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openPage } from './browser.ts';
import { type Product, serveProduct } from './product.ts';

jest.setTimeout(120_000);

const keys = createTestKeys();
const ANN = { tenant_id: 'acme', user_id: 'ann' };
const BOB = { tenant_id: 'acme', user_id: 'bob' };
/** Long enough for a page to be live before it is over. */
const SHORT_LIFE_SECONDS = 8;

let product: Product;
let browser: Browser;
let jobUrl: string;

beforeAll(async () => {
  browser = await launchBrowser();
  const worker = await keys.sign({ tenant_id: 'acme', user_id: 'crawler', role: 'worker' });
  product = await serveProduct([], { ...keys.env, MANAGER_TOKEN: worker });
  const response = await fetch(new URL('/v1/jobs', product.pageUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await keys.sign(ANN)}` },
    body: JSON.stringify({
      type: 'custom',
      child_type: 'outside',
      name: 'Invoices',
      children: [{ key: 'a' }],
    }),
  });
  const job = (await response.json()) as ParentView;
  jobUrl = new URL(`/jobs/${job.job_id}`, product.pageUrl).href;
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** What the sign-in of whoever runs this would do. */
async function signIn(page: Page, claims: Readonly<Record<string, unknown>>): Promise<void> {
  const { hostname } = new URL(product.pageUrl);
  const value = await keys.sign(claims);
  await page
    .context()
    .addCookies([
      { name: 'progeny_token', value, domain: hostname, path: '/', httpOnly: true, sameSite: 'Strict' },
    ]);
}
const stateIs = (page: Page, state: string) =>
  page.locator(`[data-testid="connection"][data-state="${state}"]`).waitFor();
const textIs = (page: Page, text: string) => page.getByTestId('progress-text').getByText(text).waitFor();

test('a page whose token runs out says so, and is live again when one has signed in', async () => {
  const page = await openPage(browser);
  await page.goto(jobUrl);
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();

  await signIn(page, { ...ANN, exp: Math.floor(Date.now() / 1_000) + SHORT_LIFE_SECONDS });
  await page.getByRole('button', { name: 'I have signed in' }).click();
  await stateIs(page, 'live');
  await textIs(page, '1 pending, 0 running, 0 completed, 0 failed');

  await stateIs(page, 'signed-out');
  await signIn(page, ANN);
  await page.getByRole('button', { name: 'I have signed in' }).click();
  await stateIs(page, 'live');
  await textIs(page, '1 pending, 0 running, 0 completed, 0 failed');
});

test("somebody else's job is answered as one that there is not", async () => {
  const page = await openPage(browser);
  const read = async (url: string) => {
    await page.goto(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page.locator('main').textContent();
  };
  await page.goto(product.pageUrl);
  await signIn(page, BOB);
  const unknown = jobUrl.replace(/[0-9a-f]{12}$/, '000000000000');
  const text = await read(unknown);
  expect(text).toContain('There is no such job');
  expect(await read(jobUrl)).toBe(text);
});
