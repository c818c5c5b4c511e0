import type { Page } from 'playwright-core';
import { keepScreenshot } from './browser.ts';
import { connectionIs, statusIs, usePageScene } from './page-scene.ts';

jest.setTimeout(180_000);

const scene = usePageScene();

const rowOf = (page: Page, key: string) => page.getByTestId('child-row').filter({ hasText: key });

/** Resolves when the gateway has said to this page that there is no such job. */
function untilRefused(page: Page, jobId: string): Promise<void> {
  return new Promise((resolve) => {
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        const { type, payload: said } = JSON.parse(payload.toString());
        if (type === 'refused' && said.job_ids.includes(jobId)) resolve();
      });
    });
  });
}

async function createNested(name: string) {
  const outer = await scene.createOutside(['plain'], { name });
  const within = { name: 'The north', parent_id: outer.job.job_id, key: 'north', sealed: true };
  const inner = await scene.createOutside(['a', 'b'], within);
  await scene.ask(`/v1/jobs/${outer.job.job_id}/seal`, {});
  return { outer, inner };
}

test('a nested job is shown with its counts where it is nested, and leads there and back by the keyboard', async () => {
  const { outer, inner } = await createNested('All regions');
  const list = await scene.open();
  await list.goto(scene.at('/'));
  await list.getByTestId('job-row').filter({ hasText: 'All regions' }).waitFor();
  expect(await list.getByTestId('job-row').filter({ hasText: 'The north' }).count()).toBe(0);

  const page = await scene.open();
  await page.goto(scene.at(`/jobs/${outer.job.job_id}`));
  const row = rowOf(page, 'north');
  await row.getByTestId('nested-counts').getByText('2 pending, 0 running, 0 completed, 0 failed').waitFor();
  await inner.report('a', 'running');
  await row.getByTestId('nested-counts').getByText('1 pending, 1 running, 0 completed, 0 failed').waitFor();
  await inner.report('a', 'failed');
  await row.getByTestId('nested-counts').getByText('1 pending, 0 running, 0 completed, 1 failed').waitFor();
  await page.getByTestId('why-open').click();
  await page.getByTestId('open-child').getByText('waits for its own children').waitFor();
  await keepScreenshot(page, 'nested-outer');

  await row.getByRole('link', { name: /^north.*has children of its own$/ }).press('Enter');
  await page.getByRole('heading', { name: 'The north' }).waitFor();
  await inner.report('b', 'running');
  await inner.report('b', 'completed');
  await statusIs(page, 'completed');
  expect(await page.getByTestId('delete-job').count()).toBe(0);
  await page.getByTestId('retry-failed-job').waitFor();
  await keepScreenshot(page, 'nested-inner');
  const trail = page.getByRole('navigation', { name: 'Where this job is' });
  await trail.getByRole('link', { name: 'All regions' }).press('Enter');
  await page.getByRole('heading', { name: 'All regions' }).waitFor();
  await page.locator('[data-testid="child-row"][data-status="completed"]').waitFor();
});

test('a deletion is told to the page of the job, to that of one nested in it, and to the list', async () => {
  const { outer, inner } = await createNested('To be deleted');
  for (const key of ['a', 'b']) {
    await inner.report(key, 'running');
    await inner.report(key, 'completed');
  }
  await outer.report('plain', 'running');
  await outer.report('plain', 'completed');
  const [ofOuter, ofInner, list] = [await scene.open(), await scene.open(), await scene.open()];
  const told = Promise.all([
    untilRefused(ofOuter, outer.job.job_id),
    untilRefused(ofInner, inner.job.job_id),
    untilRefused(list, outer.job.job_id),
  ]);
  await ofOuter.goto(scene.at(`/jobs/${outer.job.job_id}`));
  await ofInner.goto(scene.at(`/jobs/${inner.job.job_id}`));
  await list.goto(scene.at('/'));
  for (const page of [ofOuter, ofInner]) await statusIs(page, 'completed');
  for (const page of [ofOuter, ofInner, list]) await connectionIs(page, 'live');
  const row = list.getByTestId('job-row').filter({ hasText: 'To be deleted' });
  await row.waitFor();
  const response = await fetch(scene.at(`/v1/jobs/${outer.job.job_id}`), { method: 'DELETE' });
  expect(response.status).toBe(204);
  await told;
  for (const page of [ofOuter, ofInner]) {
    await page.getByRole('heading', { name: 'This job has been deleted' }).waitFor();
  }
  await row.waitFor({ state: 'detached' });
});
