import { toParentJobProgress, zeroCounts } from '@progeny/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { Badge } from './connection-badge.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { FilterTabs } from './filter-tabs.tsx';
import { StackedBar } from './stacked-bar.tsx';
import { StatusBadge } from './status-badge.tsx';

const progress = toParentJobProgress({
  jobId: '01890000-0000-7000-8000-000000000000',
  parentId: null,
  version: 3,
  status: 'running',
  sealed: false,
  counts: { ...zeroCounts, pending: 66, running: 1, completed: 41 },
  childrenPerSecond: 2,
  verifiedAt: null,
});

test('the bar speaks: a progressbar with percentage and progress text', () => {
  const html = renderToStaticMarkup(<StackedBar progress={progress} label="Progress of x" />);
  expect(html).toContain('role="progressbar"');
  expect(html).toContain('aria-label="Progress of x"');
  expect(html).toContain('aria-valuenow="37"');
  expect(html).toContain('aria-valuetext="37 percent: 66 pending, 1 running, 41 completed, 0 failed"');
});

test('each bucket takes its share, and an empty or impossible one takes none', () => {
  const html = renderToStaticMarkup(<StackedBar progress={{ ...progress, failed_children: -2 }} label="x" />);
  expect(html).toMatch(/data-bucket="completed" style="flex-grow:41"/);
  expect(html).toMatch(/data-bucket="failed" data-empty="true" style="flex-grow:0"/);
});

test('a bar without children says that it waits, unless the job has ended', () => {
  const empty = { ...progress, total_children: 0 };
  expect(renderToStaticMarkup(<StackedBar progress={empty} label="x" />)).toContain('data-waiting');
  const ended = { ...empty, status: 'completed' as const };
  expect(renderToStaticMarkup(<StackedBar progress={ended} label="x" />)).not.toContain('data-waiting');
});

test('a status is told in words and not by colour alone', () => {
  expect(renderToStaticMarkup(<StatusBadge status="cancelled" testId="job-status" />)).toMatch(
    /data-testid="job-status".*>cancelled</,
  );
});

test('the connection is told in words, politely, and keeps the place of its longest words', () => {
  const html = renderToStaticMarkup(<Badge look="polling" words="Polling" meaning="Asking." />);
  expect(html).toMatch(/data-testid="connection" data-state="polling"/);
  expect(html).toMatch(/role="status">Polling<span class="visually-hidden">. Asking.</);
  expect(html).toContain('aria-hidden="true">Stale since 00:00<');
});

test('the chosen filter is pressed and counts are shown beside the names', () => {
  const options = [
    { value: null, name: 'All', count: 1_234 },
    { value: 'failed', name: 'Failed', count: 0 },
  ];
  const html = renderToStaticMarkup(
    <FilterTabs label="x" options={options} chosen="failed" onChoose={() => undefined} />,
  );
  expect(html).toMatch(/aria-pressed="false">All<span[^>]*>1,234</);
  expect(html).toMatch(/aria-pressed="true" data-empty="true">Failed<span[^>]*>0</);
});

test('a fault in a view is caught and offers a way on', () => {
  const boundary = new ErrorBoundary({ children: 'fine' });
  expect(boundary.render()).toBe('fine');
  boundary.state = ErrorBoundary.getDerivedStateFromError();
  expect(renderToStaticMarkup(boundary.render())).toContain('Try again');
});
