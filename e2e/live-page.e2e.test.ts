import { progressText } from '@progeny/core';
import { collectComplaints, keepScreenshot, recordProgressTexts } from './browser.ts';
import { countRows } from './ledger.ts';
import { connectionIs, statusIs, usePageScene } from './page-scene.ts';

jest.setTimeout(180_000);

const TEXT = /^\d+ pending, \d+ running, \d+ completed, \d+ failed$/;
const scene = usePageScene({ REAP_INTERVAL_MS: '500', AUDIT_INTERVAL_MS: '1000' });

test('the counters of a crawl run before the eyes and end at what SQL says', async () => {
  const page = await scene.open();
  const complaints = collectComplaints(page);
  const jobId = await scene.startCrawl(page);
  const textsSeen = await recordProgressTexts(page);
  await connectionIs(page, 'live');
  await page
    .getByText(/[1-9]\d* running, [1-9]\d* completed/)
    .first()
    .waitFor();
  await keepScreenshot(page, 'crawl-running');
  await statusIs(page, 'completed');

  const texts = await textsSeen();
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter((text) => !TEXT.test(text))).toEqual([]);
  const rows = await countRows(scene.product.databaseUrl, jobId);
  expect(texts.at(-1)).toBe(progressText(rows));
  expect(rows).toEqual({
    pending: 0,
    running: 0,
    completed: scene.site.expected.completed,
    failed: scene.site.expected.failed,
    cancelled: 0,
    skipped: scene.site.expected.skipped,
  });
  await page.reload();
  expect(await page.getByTestId('progress-text').textContent()).toBe(progressText(rows));
  await keepScreenshot(page, 'crawl-completed');
  expect(complaints).toEqual([]);
});

test('a viewer who comes late starts with the present, not with zeros', async () => {
  const first = await scene.open();
  await scene.startCrawl(first);
  await first
    .getByText(/ [1-9]\d completed/)
    .first()
    .waitFor();
  const late = await scene.open();
  await late.goto(first.url());
  const textsSeen = await recordProgressTexts(late);
  const [text] = await textsSeen();
  expect(Number(/(\d+) completed/.exec(text ?? '')?.[1])).toBeGreaterThanOrEqual(10);
  await statusIs(late, 'completed');
});

test('the page survives a gateway that is killed, without a reload', async () => {
  const page = await scene.open();
  const jobId = await scene.startCrawl(page);
  await connectionIs(page, 'live');
  await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));
  await page
    .getByText(/ [1-9]\d* completed/)
    .first()
    .waitFor();
  process.kill(scene.product.pidOf('ws-gateway'), 'SIGKILL');
  await connectionIs(page, 'reconnecting');
  await connectionIs(page, 'live');
  await statusIs(page, 'completed');
  expect(await page.getByTestId('progress-text').textContent()).toBe(
    progressText(await countRows(scene.product.databaseUrl, jobId)),
  );
  expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
});

test('cancelling stops a crawl for good, and every page is accounted for', async () => {
  const page = await scene.open();
  const jobId = await scene.startCrawl(page, await scene.slowSite(10));
  await page
    .getByText(/ [1-9]\d* completed/)
    .first()
    .waitFor();
  await page.getByTestId('cancel-job').click();
  await page.getByTestId('confirm-cancel').click();
  await statusIs(page, 'cancelled');
  const rows = await countRows(scene.product.databaseUrl, jobId);
  expect(rows.pending + rows.running).toBe(0);
  expect(rows.cancelled).toBeGreaterThan(0);
  expect(await page.getByTestId('progress-text').textContent()).toBe(progressText(rows));
});

test('who asks why a job is still running is told, from the keyboard, until it has ended', async () => {
  const { job, report } = await scene.createOutside(['invoice-7'], { name: 'Invoices' });
  await report('invoice-7', 'running');
  const page = await scene.open();
  const complaints = collectComplaints(page);
  const explained: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/explain')) explained.push(request.url());
  });
  await page.goto(scene.at(`/jobs/${job.job_id}`));
  await statusIs(page, 'running');
  await page.getByTestId('verified').getByText('Counts verified').waitFor();
  expect(explained).toEqual([]);

  const why = page.getByRole('button', { name: 'Why is it still running?', expanded: false });
  await why.focus();
  await page.keyboard.press('Enter');
  const explanation = page.getByRole('region', { name: 'Why is it still running?' });
  await explanation.locator('[data-reason="unsealed"]').waitFor();
  await explanation.locator('[data-reason="children_running"]').waitFor();
  const row = explanation.getByRole('row').filter({ hasText: 'invoice-7' });
  await row.getByRole('cell', { name: 'try 1 of 3', exact: true }).waitFor();
  await row.getByText('a worker outside').waitFor();

  await report('invoice-7', 'completed');
  await explanation.locator('[data-reason="children_running"]').waitFor({ state: 'detached' });
  await explanation.getByTestId('open-child').waitFor({ state: 'detached' });
  await explanation.getByText(/Fails in 5\d min if nothing happens/).waitFor();
  await scene.ask(`/v1/jobs/${job.job_id}/seal`, {});
  await statusIs(page, 'completed');
  await page.getByTestId('why-open').waitFor({ state: 'detached' });
  expect(await page.getByTestId('explanation').count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('while the manager is away the question says so, and is answered when it is back', async () => {
  const { job, report } = await scene.createOutside(['invoice-7'], { name: 'Invoices' });
  await report('invoice-7', 'running');
  const page = await scene.open();
  await page.goto(scene.at(`/jobs/${job.job_id}`));
  await statusIs(page, 'running');
  await page.route(/\/v1\/|\/page-config/, (route) => route.abort());
  await page.getByTestId('why-open').click();
  const explanation = page.getByTestId('explanation');
  await explanation.getByText('The manager cannot be reached.').waitFor();
  await page.unrouteAll();
  await explanation.locator('[data-reason="unsealed"]').waitFor();
  await explanation.getByText('The manager cannot be reached.').waitFor({ state: 'detached' });
});

test('a job that nobody sealed says why it has failed, and nothing is pushed down', async () => {
  const { job, report } = await scene.createOutside(['invoice-7'], {
    name: 'Forgotten',
    seal_timeout_seconds: 1,
  });
  await report('invoice-7', 'running');
  const page = await scene.open();
  await page.goto(scene.at(`/jobs/${job.job_id}`));
  const counters = page.getByTestId('progress-text');
  await counters.waitFor();
  const before = await counters.boundingBox();
  await report('invoice-7', 'completed');
  await statusIs(page, 'failed');
  const failure = page.getByTestId('failure');
  await failure.getByText('Nobody said that this job has all its children').waitFor();
  await failure.getByText('seal_timeout').waitFor();
  expect(await counters.boundingBox()).toEqual(before);
  const detail = failure.getByText('0 pending, 0 running, 1 completed, 0 failed');
  expect(await detail.isVisible()).toBe(false);
  await failure.locator('summary').press('Enter');
  await detail.waitFor();
});

test('the list shows every crawl live, and mistakes are told beside the field', async () => {
  const list = await scene.open();
  await list.goto(scene.at('/'));
  const rowsBefore = await list.getByTestId('job-row').count();
  await scene.startCrawl(await scene.open());
  await list.locator('[data-testid="job-row"]').nth(rowsBefore).waitFor();
  await list
    .getByTestId('job-row')
    .first()
    .getByText(/ [1-9]\d* completed/)
    .waitFor();

  await list.getByTestId('url-input').fill('ftp://files.example/');
  await list.getByTestId('start-crawl').click();
  await list.locator('[data-testid="url-input"][aria-invalid="true"]').waitFor();
});

test.each([
  { name: 'phone-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark' as const },
  { name: 'phone-light', viewport: { width: 390, height: 844 }, colorScheme: 'light' as const },
  { name: 'desktop-dark', viewport: { width: 1440, height: 900 }, colorScheme: 'dark' as const },
])('nothing is cut off or pushed aside while numbers run: $name', async ({ name, ...look }) => {
  const page = await scene.open(look);
  await scene.startCrawl(page);
  const height = () =>
    page.getByTestId('progress-text').evaluate((element) => element.getBoundingClientRect().top);
  const before = await height();
  await page
    .getByText(/ [1-9]\d completed/)
    .first()
    .waitFor();
  await keepScreenshot(page, name);
  expect(await height()).toBe(before);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});
