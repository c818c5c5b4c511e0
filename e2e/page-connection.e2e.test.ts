import type { ParentView } from '@progeny/contract';
import type { Browser, Page } from 'playwright-core';
import { collectComplaints, launchBrowser, openPage } from './browser.ts';
import { type Product, serveProduct } from './product.ts';

jest.setTimeout(120_000);

let product: Product;
let browser: Browser;
let job: ParentView;

beforeAll(async () => {
  browser = await launchBrowser();
  product = await serveProduct();
  const response = await fetch(new URL('/v1/jobs', product.pageUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'custom', child_type: 'outside', name: 'Invoices' }),
  });
  job = (await response.json()) as ParentView;
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const jobUrl = () => new URL(`/jobs/${job.job_id}`, product.pageUrl).href;
const badgeOf = (page: Page) => page.getByTestId('connection');
const stateIs = (page: Page, state: string) =>
  page.locator(`[data-testid="connection"][data-state="${state}"]`).waitFor();
const placesOf = (page: Page) =>
  page
    .locator('.top-bar-inner a, [data-testid="connection"]')
    .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().toJSON()));

test('while no gateway can be had the page says that it polls, in words, and nothing moves for it', async () => {
  const page = await openPage(browser, { viewport: { width: 390, height: 844 } });
  await page.goto(jobUrl());
  await stateIs(page, 'live');
  const places = await placesOf(page);
  await page.routeWebSocket(/\/ws$/, (socket) => socket.close({ code: 1012 }));
  await page.route(/\/sse/, (route) => route.abort());
  await page.reload();
  await stateIs(page, 'polling');
  await badgeOf(page).getByRole('status').getByText('Polling').waitFor();
  await page.getByTestId('progress-text').waitFor();
  expect(await placesOf(page)).toEqual(places);
});

test('who is not signed in is told so and what to do, and is asked nothing more until then', async () => {
  const page = await openPage(browser);
  await page.clock.install();
  let asked = 0;
  await page.route(/\/v1\//, (route) => {
    asked += 1;
    return route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      json: { type: 'about:blank', title: 'Who you are is not known', status: 401, code: 'unauthenticated' },
    });
  });
  let dialled = 0;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    dialled += 1;
    socket.close({ code: 4401 });
  });
  await page.goto(jobUrl());
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  await stateIs(page, 'signed-out');
  expect(asked).toBeLessThanOrEqual(3);
  expect(dialled).toBeLessThanOrEqual(1);
  const before = { asked, dialled };
  await page.clock.runFor(120_000);
  // Answered after whatever the page has asked for until now.
  await page.evaluate(() => fetch('/v1/jobs'));
  expect({ asked: asked - 1, dialled }).toEqual(before);

  await page.unrouteAll();
  await page.getByRole('button', { name: 'I have signed in' }).click();
  await page.getByTestId('progress-text').waitFor();
});

test('a gateway that refuses for good is not dialled again, and the page says why', async () => {
  const page = await openPage(browser);
  const complaints = collectComplaints(page);
  let dialled = 0;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    dialled += 1;
    socket.close({ code: 4403 });
  });
  await page.route(/\/sse/, (route) => route.fulfill({ status: 404 }));
  await page.goto(jobUrl());
  await page.getByTestId('refused').getByText('You have signed in as somebody else').waitFor();
  await stateIs(page, 'polling');
  expect(dialled).toBe(1);
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
});
