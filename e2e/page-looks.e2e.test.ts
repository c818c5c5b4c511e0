import type { Page } from 'playwright-core';
import { keepScreenshot } from './browser.ts';
import { statusIs, usePageScene } from './page-scene.ts';

jest.setTimeout(180_000);

const scene = usePageScene();

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
const LOOKS = [
  { look: 'wide-light', viewport: WIDE, colorScheme: 'light' as const },
  { look: 'wide-dark', viewport: WIDE, colorScheme: 'dark' as const },
  { look: 'narrow-light', viewport: NARROW, colorScheme: 'light' as const },
  { look: 'narrow-dark', viewport: NARROW, colorScheme: 'dark' as const },
];
const error = {
  error_code: 'unreadable',
  user_message: 'Nobody could read it.',
  technical_detail: 'ocr: 0.12',
};

const overflowOf = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test.each(LOOKS)(
  'each view fits, and its controls keep their places: $look',
  async ({ look, ...options }) => {
    const keys = Array.from({ length: 9 }, (_, index) => `invoice-${index + 1}`);
    const { job, children, report, progress } = await scene.createOutside(keys, {
      name: 'Invoices of November',
      sealed: true,
      priority: 10,
      failure_policy: { max_failed: '50%' },
    });
    const page = await scene.open(options);
    const keep = async (name: string) => {
      expect(await overflowOf(page)).toBe(0);
      await keepScreenshot(page, `${name}-${look}`);
    };
    for (const key of keys.slice(0, 5)) await report(key, 'running');
    await progress('invoice-1', {
      progress: 35,
      stage: 'ocr',
      label: 'Reading page 3 of 9',
      events: [
        { event: 'pipeline_started' },
        { event: 'page_started', page_index: 0 },
        { event: 'page_done', page_index: 0, duration_ms: 143, success: true, detail: { language: 'en' } },
        { event: 'page_done', page_index: 1, duration_ms: 12_043, success: false, detail: { dpi: 72 } },
      ],
    });
    await report('invoice-2', 'completed', { result: { total_cents: 12_345 } });
    await page.goto(scene.at(`/jobs/${job.job_id}`));
    const text = page.getByTestId('progress-text');
    await text.getByText('4 pending, 4 running, 1 completed, 0 failed').waitFor();
    const placesOf = async () => [
      await page.getByTestId('pause-job').boundingBox(),
      await page.getByTestId('cancel-job').boundingBox(),
      await text.boundingBox(),
    ];
    const places = await placesOf();
    await report('invoice-3', 'failed', { error });
    await page.getByTestId('retry-failed-job').waitFor();
    expect(await placesOf()).toEqual(places);
    await page.getByText('Reading page 3 of 9').waitFor();
    await keep('parent');

    await page.getByTestId('pause-job').click();
    await statusIs(page, 'paused');
    const [, cancel, counters] = places;
    expect(await page.getByTestId('cancel-job').boundingBox()).toEqual(cancel);
    expect(await text.boundingBox()).toEqual(counters);
    await page.getByTestId('cancel-job').click();
    await page.getByRole('dialog').waitFor();
    await keep('paused-cancel');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByTestId('job-log').scrollIntoViewIfNeeded();
    await keep('log');

    await page.goto(scene.at(`/jobs/${children[0]?.job_id}`));
    await page.getByTestId('timeline').getByText('Page 2 failed').waitFor();
    await page.getByText('Invoices of November').waitFor();
    await keep('child');
    await page.goto(scene.at('/'));
    await page.getByTestId('job-row').first().getByText('Priority 10').waitFor();
    await page.getByTestId('crawl-options').click();
    await page.getByLabel('When pages fail').selectOption('max_failed');
    await page.getByLabel('Deadline').fill('30');
    await page.getByTestId('url-input').fill('site.example');
    await page.getByTestId('start-crawl').click();
    await page.getByText('Say the unit too').waitFor();
    await keep('form');
  },
);
