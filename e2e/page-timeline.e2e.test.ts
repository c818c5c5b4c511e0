import type { ChildList } from '@progeny/contract';
import { collectComplaints } from './browser.ts';
import { statusIs, usePageScene } from './page-scene.ts';

jest.setTimeout(180_000);

const LINES_KEPT = 200;
const scene = usePageScene();

test('the log fills while a crawl runs, follows its end, and lets one read further up', async () => {
  const page = await scene.open({ viewport: { width: 1280, height: 900 } });
  const complaints = collectComplaints(page);
  await scene.startCrawl(page);
  await page.getByRole('tab', { name: 'Log' }).click();
  const lines = page.getByTestId('job-log').getByRole('listitem');
  await lines.nth(40).waitFor();
  const log = page.getByRole('region', { name: 'Log, newest at the bottom' });
  const fromEnd = () =>
    log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
  expect(await fromEnd()).toBeLessThan(24);
  expect(await lines.first().textContent()).toMatch(/Child [0-9a-f]{8} -> [a-z]+\. \d+ pending, /);

  await log.evaluate((element) => element.scrollTo({ top: 200 }));
  const newest = page.getByRole('button', { name: 'Newest' });
  await newest.waitFor();
  await statusIs(page, 'completed');
  await page.getByText(/older lines? no longer kept/).waitFor();
  expect(await fromEnd()).toBeGreaterThan(24);
  await newest.click();
  await lines
    .last()
    .getByText(/ 0 pending, 0 running, /)
    .waitFor();
  expect(await fromEnd()).toBeLessThan(24);
  expect(await lines.count()).toBe(LINES_KEPT);
  await newest.waitFor({ state: 'detached' });
  expect(complaints).toEqual([]);
});

test('a page of a crawl is followed from its turn to its result, step by step', async () => {
  const page = await scene.open();
  const complaints = collectComplaints(page);
  const jobId = await scene.startCrawl(page);
  await page
    .getByText(/[2-9]\d pending/)
    .first()
    .waitFor();
  const { children } = await scene.ask<ChildList>(`/v1/jobs/${jobId}/children?status=pending&limit=200`);
  await page.goto(scene.at(`/jobs/${children.at(-1)?.job_id}`));
  await page
    .locator('[data-testid="job-status"]:is([data-status="completed"],[data-status="failed"])')
    .waitFor({
      timeout: 60_000,
    });
  const steps = page.getByTestId('timeline').getByRole('listitem');
  await steps.filter({ hasText: 'Started' }).waitFor();
  await steps.filter({ hasText: /Finished|Ended without success/ }).waitFor();
  expect(await page.getByTestId('timeline').locator('[data-success]').count()).toBeGreaterThanOrEqual(2);
  await page.getByText('All of the result').or(page.getByTestId('failure')).first().waitFor();
  expect(complaints).toEqual([]);
});

test('stage, percentage and steps of one child are shown as its worker tells them, also in the list', async () => {
  const { job, children, report, progress } = await scene.createOutside(['scan-1'], { name: 'Scans' });
  const [child] = children;
  await report('scan-1', 'running');
  const list = await scene.open();
  await list.goto(scene.at(`/jobs/${job.job_id}`));
  const row = list.getByTestId('child-row').filter({ hasText: 'scan-1' });
  await row.getByText('Begun').waitFor();
  await row.getByRole('link', { name: 'scan-1' }).click();
  await list.waitForURL(scene.at(`/jobs/${child?.job_id}`));
  await list.getByTestId('child-stage').getByText('Begun').waitFor();
  await list.goBack();

  const page = await scene.open();
  await page.goto(scene.at(`/jobs/${child?.job_id}`));
  await statusIs(page, 'running');
  await page.getByText('No steps yet').waitFor();
  await progress('scan-1', {
    progress: 35,
    stage: 'ocr',
    label: 'Reading page 3',
    events: [{ event: 'pipeline_started' }],
  });
  await page.getByTestId('child-percent').getByText('35').waitFor();
  await page.getByTestId('child-stage').getByText('Reading page 3').waitFor();
  await page.getByTestId('timeline').getByText('Started').waitFor();
  await row.getByText('Reading page 3').waitFor();
  await row.getByText('35%').waitFor();

  await progress('scan-1', {
    events: [{ event: 'page_done', page_index: 0, duration_ms: 1234, success: false, detail: { dpi: 72 } }],
  });
  const step = page.getByTestId('timeline').getByRole('listitem').filter({ hasText: 'Page 1 failed' });
  await step.getByText('1.2s').waitFor();
  await step.getByText('dpi 72').waitFor();
  await report('scan-1', 'failed', {
    error: { error_code: 'unreadable', user_message: 'Nobody could read it.', technical_detail: 'ocr: 0.12' },
  });
  await statusIs(page, 'failed');
  const failure = page.getByTestId('failure');
  await failure.getByText('Nobody could read it.').waitFor();
  await row.getByText('Nobody could read it.').waitFor();

  await page.getByTestId('retry-child').click();
  await statusIs(page, 'pending');
  await failure.getByText('The try before:').waitFor();
  await page.getByText('Waits for its turn').waitFor();
  await report('scan-1', 'running');
  await report('scan-1', 'completed', { result: { words: 42 } });
  await statusIs(page, 'completed');
  await page.getByText('"words": 42').waitFor();
  await page.getByTestId('retry-child').waitFor({ state: 'detached' });
});
