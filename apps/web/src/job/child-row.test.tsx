/** @jest-environment @happy-dom/jest-environment */
import type { ChildView } from '@progeny/contract';
import { act } from 'react';
import { childOf, PARENT_ID, parentOf, problem } from '../testing/jobs.ts';
import { type Mounted, mount } from '../testing/mount.tsx';
import { ChildRow } from './child-row.tsx';

let page: Mounted;
const onRetried = jest.fn();
beforeEach(() => onRetried.mockClear());
afterEach(() => page.unmount());

const rowOf = (child: ChildView, { isCrawl = true, mayWatch = false } = {}) => (
  <table>
    <tbody>
      <ChildRow child={child} isCrawl={isCrawl} mayWatch={mayWatch} onRetried={onRetried} />
    </tbody>
  </table>
);
const running = (facts: Partial<ChildView> = {}) =>
  childOf({ status: 'running', error: null, finished_at: null, ...facts });

test('a failed page shows why, in words for people, and leads to its own view', () => {
  const child = childOf();
  page = mount(rowOf(child));
  expect(page.find('.child-label a', '/a').getAttribute('href')).toBe(`/jobs/${child.job_id}`);
  expect(page.find('a[target="_blank"]').getAttribute('href')).toBe('https://x.example/a');
  expect(page.find('.child-error').textContent).toBe('The server did not answer.');
  expect(page.find('.col-took').textContent).toBe('2.5s');
});

test('a child of other work is shown by its key and has no columns for pages', () => {
  page = mount(rowOf(childOf({ key: 'invoice-7', payload: {} }), { isCrawl: false }));
  expect(page.find('.child-label').textContent).toBe('invoice-7');
  expect(page.has('.col-http')).toBe(false);
});

test('what comes from a site is text, never markup', () => {
  page = mount(rowOf(childOf({ error: null, result: { title: '<img src=x onerror=alert(1)>' } })));
  expect(page.has('img')).toBe(false);
  expect(page.find('.child-note').textContent).toContain('<img');
});

test('a running page shows its percentage and its stage', () => {
  page = mount(rowOf(running()));
  const bar = page.find('[role="progressbar"]');
  expect(bar.getAttribute('aria-valuetext')).toBe('40 percent: Parsing');
  expect(page.find('.child-stage').textContent).toBe('40%Parsing');
});

test('one that takes longer is followed by name, and an older state does not overwrite the row', () => {
  jest.useFakeTimers();
  const child = running();
  page = mount(rowOf(child, { mayWatch: true }));
  const told = (version: number, progress_percentage: number) =>
    act(() => {
      const { job_id, progress_stage, progress_label } = child;
      page.client.accept({
        job_id,
        version,
        status: 'running',
        progress_percentage,
        progress_stage,
        progress_label,
      });
      jest.advanceTimersByTime(100);
    });
  told(3, 60);
  expect(page.find('.child-stage').textContent).toContain('40%');
  act(() => jest.advanceTimersByTime(1_000));
  expect(page.find('.child-stage').textContent).toContain('60%');
  page.render(rowOf(running({ version: 4, progress_percentage: 80 }), { mayWatch: true }));
  expect(page.find('.child-stage').textContent).toContain('80%');
  jest.useRealTimers();
});

test.each([
  ['failed', true],
  ['cancelled', true],
  ['completed', false],
  ['skipped', false],
  ['pending', false],
  ['running', false],
] as const)('%s can be retried: %s', (status, can) => {
  page = mount(rowOf(childOf({ status })));
  expect(page.has('[data-testid="retry-child"]')).toBe(can);
});

describe('a child with children of its own', () => {
  const counts = { progress_percentage: 50, progress_label: '1 pending, 0 running, 1 completed, 0 failed' };
  const nested = (facts: Partial<ChildView> = {}) =>
    running({
      is_parent: true,
      key: 'part',
      payload: {},
      attempt: 0,
      progress_stage: 'running',
      ...counts,
      ...facts,
    });

  test('leads to its own view, is marked as such for everybody, and shows its counts', () => {
    page = mount(rowOf(nested(), { isCrawl: false }));
    expect(page.find('.child-label a').textContent).toBe('part, has children of its own');
    expect(page.find('.child-label a').getAttribute('href')).toBe(`/jobs/${nested().job_id}`);
    // A screen reader would say it twice.
    expect(page.find('[data-testid="nested"]').getAttribute('aria-hidden')).toBe('true');
    expect(page.find('[data-testid="nested-counts"]').textContent).toBe(`50%${counts.progress_label}`);
    page.render(rowOf(childOf(), { isCrawl: false }));
    expect(page.has('[data-testid="nested"]')).toBe(false);
  });

  test('is followed by its counts while it runs', () => {
    page = mount(rowOf(nested(), { isCrawl: false, mayWatch: true }));
    const { progress } = parentOf('running', { completed: 3, running: 1 }, { version: 9 });
    act(() => page.client.accept({ ...progress, job_id: nested().job_id, parent_id: PARENT_ID }));
    expect(page.find('[data-testid="nested-counts"]').textContent).toBe(
      '75%0 pending, 1 running, 3 completed, 0 failed',
    );
  });

  test('says that it is held, and why it failed; it is not retried from here', () => {
    page = mount(rowOf(nested({ progress_stage: 'paused' })));
    expect(page.find('[data-testid="nested-counts"]').textContent).toContain('Paused: 1 pending');
    page.render(rowOf(nested({ ...childOf(), is_parent: true, ...counts })));
    expect(page.find('[data-testid="nested-counts"]').textContent).toBe(
      `${counts.progress_label} · The server did not answer.`,
    );
    expect(page.has('[data-testid="retry-child"]')).toBe(false);
  });
});

test('a retry is told to the list, a refused one to the viewer', async () => {
  let answer = () => problem('job_cancelling', 'The job is being cancelled', 409);
  page = mount(rowOf(childOf()), () => answer());
  await page.click(page.find('[data-testid="retry-child"]'));
  expect(page.find('[role="alert"]').textContent).toContain('The job is being stopped.');
  expect(onRetried).not.toHaveBeenCalled();
  const retried = childOf({ status: 'pending', run: 2, version: 3 });
  answer = () => Response.json(retried, { status: 202 });
  page.find('[data-testid="retry-child"]').focus();
  await page.click(page.find('[data-testid="retry-child"]'));
  expect(onRetried).toHaveBeenCalledTimes(1);
  page.render(rowOf(retried));
  expect(page.has('[data-testid="retry-child"]')).toBe(false);
  expect(document.activeElement).toBe(page.find('.col-action .actions'));
});
