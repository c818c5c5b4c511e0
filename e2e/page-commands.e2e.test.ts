import { progressText } from '@progeny/core';
import type { Page } from 'playwright-core';
import { collectComplaints, recordProgressTexts } from './browser.ts';
import { countRows } from './ledger.ts';
import { statusIs, usePageScene } from './page-scene.ts';

jest.setTimeout(180_000);

const scene = usePageScene({ REAP_INTERVAL_MS: '500' });

const openJob = async (jobId: string, options = {}): Promise<Page> => {
  const page = await scene.open(options);
  await page.goto(scene.at(`/jobs/${jobId}`));
  return page;
};
const textIs = (page: Page, text: string) =>
  page.getByTestId('progress-text').getByText(text, { exact: true }).waitFor({ timeout: 60_000 });
const commandsOf = (page: Page) => page.getByRole('group', { name: 'Commands' }).getByRole('button');

test('a paused crawl stands still, whoever looks, and goes on from there when it is resumed', async () => {
  const page = await scene.open();
  const complaints = collectComplaints(page);
  const site = await scene.slowSite(3);
  const jobId = await scene.startCrawl(page, site);
  await page
    .getByText(/ [1-9]\d* completed/)
    .first()
    .waitFor();
  await page.getByTestId('pause-job').dblclick();
  await statusIs(page, 'paused');
  await page
    .getByTestId('progress-text')
    .getByText(/[1-9]\d* pending, 0 running/)
    .waitFor();

  const text = progressText(await countRows(scene.product.databaseUrl, jobId));
  await textIs(page, text);
  const late = await openJob(jobId);
  await statusIs(late, 'paused');
  const textsSeen = await recordProgressTexts(late);
  // Time enough for an audit, which compares the counts with the rows.
  await late.getByTestId('verified').getByText('Counts verified').waitFor({ timeout: 60_000 });
  await page.goto(scene.at('/?status=paused'));
  const row = page.locator(`[data-job-id="${jobId}"]`);
  await row.getByText('paused').waitFor();
  expect(progressText(await countRows(scene.product.databaseUrl, jobId))).toBe(text);
  expect(await textsSeen()).toEqual([text]);

  await late.getByTestId('resume-job').click();
  await statusIs(late, 'running');
  await row.waitFor({ state: 'detached' });
  await statusIs(late, 'completed');
  const { completed, failed, skipped } = scene.site.expected;
  const ended = { pending: 0, running: 0, completed, failed, cancelled: 0, skipped };
  expect(await countRows(scene.product.databaseUrl, jobId)).toEqual(ended);
  expect(complaints).toEqual([]);
});

test('a retry of the failed reopens the counts, and the job ends once more', async () => {
  const { job, report } = await scene.createOutside(['a', 'b', 'c'], { name: 'Invoices', sealed: true });
  const error = { error_code: 'unreadable', user_message: 'Nobody could read it.', technical_detail: 'x' };
  for (const key of ['a', 'b', 'c']) await report(key, 'running');
  await report('a', 'completed');
  const page = await openJob(job.job_id);
  await textIs(page, '0 pending, 2 running, 1 completed, 0 failed');
  expect(await commandsOf(page).allTextContents()).toHaveLength(2);
  for (const key of ['b', 'c']) await report(key, 'failed', { error });
  await statusIs(page, 'completed');
  await page.getByTestId('child-row').filter({ hasText: 'Nobody could read it.' }).nth(1).waitFor();

  await page.getByTestId('retry-failed-job').dblclick();
  await statusIs(page, 'running');
  await textIs(page, '2 pending, 0 running, 1 completed, 0 failed');
  await page.getByTestId('retry-failed-job').waitFor({ state: 'detached' });
  await page.getByText('Run 2').waitFor();
  await page.locator('[data-testid="child-row"][data-status="pending"]').nth(1).waitFor();
  for (const key of ['b', 'c']) await report(key, 'running');
  await report('b', 'completed');
  await report('c', 'failed', { error });
  await statusIs(page, 'completed');
  await textIs(page, '0 pending, 0 running, 2 completed, 1 failed');

  // One alone, from its row.
  await page
    .getByTestId('child-row')
    .filter({ hasText: 'c' })
    .getByRole('button', { name: 'Retry c' })
    .click();
  await statusIs(page, 'running');
  await textIs(page, '1 pending, 0 running, 2 completed, 0 failed');
  await report('c', 'completed');
  await statusIs(page, 'completed');
  await page.getByText('Run 3').waitFor();
});

test('what is deleted is gone for everybody who looks', async () => {
  const { job, report } = await scene.createOutside(['a', 'b'], { name: 'To be deleted', sealed: true });
  const page = await openJob(job.job_id);
  const other = await openJob(job.job_id);
  const list = await scene.open();
  await list.goto(scene.at('/'));
  const row = list.getByTestId('job-row').filter({ hasText: 'To be deleted' });
  await row.waitFor();
  await report('a', 'completed');
  await page.getByTestId('cancel-job').click();
  await page.getByRole('dialog').getByText('1 task still open is cancelled').waitFor();
  await page.getByTestId('confirm-cancel').click();
  await statusIs(page, 'cancelled');

  await page.getByTestId('delete-job').click();
  const dialog = page.getByRole('dialog', { name: 'Delete this job?' });
  await dialog.getByText('with its 2 tasks').waitFor();
  await page.getByTestId('confirm-delete').dblclick();
  await page.waitForURL(scene.at('/'));
  await row.waitFor({ state: 'detached', timeout: 60_000 });
  await other.getByRole('heading', { name: 'This job has been deleted' }).waitFor({ timeout: 60_000 });
  await page.goto(scene.at(`/jobs/${job.job_id}`));
  await page.getByRole('heading', { name: 'There is no such job' }).waitFor();
});

test('without a mouse: pause, resume, a dialog that is left, and the log', async () => {
  const { job, report } = await scene.createOutside(['a', 'b'], { name: 'Keys' });
  await report('a', 'running');
  const page = await openJob(job.job_id);
  await statusIs(page, 'running');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));

  await page.getByRole('link', { name: 'Crawls', exact: true }).focus();
  await press('Tab');
  expect(await focused()).toBe('pause-job');
  await press('Enter');
  await statusIs(page, 'paused');
  expect(await focused()).toBe('resume-job');
  await press('Space');
  await statusIs(page, 'running');

  await press('Tab');
  expect(await focused()).toBe('cancel-job');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Cancel this job?' }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep it');
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await focused()).toBe('cancel-job');

  await page.getByRole('tab', { name: 'Tasks' }).focus();
  await press('ArrowRight');
  await page.getByRole('tab', { name: 'Log', selected: true }).waitFor();
  await page.getByTestId('job-log').getByText('-> running.').waitFor();
  await press('Tab');
  const log = page.getByRole('region', { name: 'Log, newest at the bottom' });
  expect(await log.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await log.getAttribute('aria-live')).toBe('off');
  await page.reload();
  await page.getByTestId('job-log').waitFor();
});

test('a command that is refused or unheard says so in words, and the next one may succeed', async () => {
  const { job, report } = await scene.createOutside(['a'], { name: 'Refused' });
  await report('a', 'running');
  const page = await openJob(job.job_id);
  await statusIs(page, 'running');
  await page.route('**/pause', (route) => route.abort());
  await page.getByTestId('pause-job').click();
  const refusal = page.getByTestId('command-refused');
  await refusal.getByText('twice does no harm').waitFor();
  await page.unrouteAll();
  await page.getByTestId('pause-job').click();
  await statusIs(page, 'paused');
  await refusal.waitFor({ state: 'detached' });

  await page.route('**/resume', (route) =>
    route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      json: { type: 'about:blank', title: 'Who you are is not known', status: 401, code: 'unauthenticated' },
    }),
  );
  await page.getByTestId('resume-job').click();
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
});
