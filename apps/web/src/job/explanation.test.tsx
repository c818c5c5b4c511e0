import type { Explanation } from '@progeny/contract';
import { toParentJobProgress, zeroCounts } from '@progeny/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { Router } from 'wouter';
import { Failure } from './failure.tsx';
import { OpenChildren } from './open-children.tsx';
import { Verified } from './verified.tsx';

const AT = '2026-01-01T00:00:00.000Z';
const error = { error_code: 'timeout', user_message: 'The server did not answer.', technical_detail: '' };
const explanation: Explanation = {
  job_id: '01890000-0000-7000-8000-000000000000',
  reasons: [],
  progress: toParentJobProgress({
    jobId: '01890000-0000-7000-8000-000000000000',
    parentId: null,
    version: 1,
    status: 'running',
    sealed: false,
    counts: { ...zeroCounts, running: 1, pending: 1_233 },
    childrenPerSecond: 0,
    verifiedAt: null,
  }),
  folded_at: AT,
  sealed_at: null,
  seal_expires_at: null,
  stopped_at: null,
  stop_reason: null,
  unfolded_changes: { count: 0, oldest_at: null },
  open_children: [
    {
      job_id: '01890000-0000-7000-8000-000000000001',
      key: 'https://x.example/<b>?q=1',
      is_parent: false,
      status: 'running',
      attempt: 2,
      lease_owner: 'worker-1',
      lease_expires_at: AT,
      available_at: AT,
      updated_at: AT,
      error,
    },
  ],
};
const tableOf = (isCrawl: boolean): string =>
  renderToStaticMarkup(
    <OpenChildren explanation={explanation} isCrawl={isCrawl} nowMs={Date.parse(AT) + 4_000} />,
  );

test('an open child is shown with its try, its worker, its lease and its last error', () => {
  const html = tableOf(true);
  expect(html).toContain('>/&lt;b&gt;?q=1<');
  expect(html).toContain('>try 2 of 3<');
  expect(html).toContain('>worker-1<');
  expect(html).toContain('data-late="true">ran out 4 s ago<');
  expect(html).toContain('The server did not answer.');
  expect(tableOf(false)).toContain('>https://x.example/&lt;b&gt;?q=1<');
});

test('an open child that has children of its own says so, leads to them, and is with no worker', () => {
  const [open] = explanation.open_children;
  if (!open) throw new Error('nothing is open');
  const nested = { ...open, is_parent: true, key: 'part', lease_owner: null, lease_expires_at: null };
  const html = renderToStaticMarkup(
    <Router ssrPath="/">
      <OpenChildren explanation={{ ...explanation, open_children: [nested] }} isCrawl={false} nowMs={0} />
    </Router>,
  );
  expect(html).toMatch(
    /<a [^>]*href="\/jobs\/01890000-0000-7000-8000-000000000001"[^>]*><span.*?<\/span>part<span/,
  );
  expect(html).toContain(', has children of its own<');
  expect(html).toContain('>waits for its own children<');
  expect(html).not.toContain('try 2');
});

test('it tells how many more are open than are named', () => {
  expect(tableOf(true)).toContain('And 1,233 more');
});

test('a failure shows its words and its code; the detail is there for who asks, if there is one', () => {
  const bare = renderToStaticMarkup(<Failure error={error} />);
  expect(bare).toContain('The server did not answer. <code>timeout</code>');
  expect(bare).not.toContain('details');
  const full = renderToStaticMarkup(<Failure error={{ ...error, technical_detail: 'ECONNRESET' }} />);
  expect(full).toMatch(/<details(?! open).*ECONNRESET/);
});

test('before the first audit nothing is said of it, yet its place is kept', () => {
  expect(renderToStaticMarkup(<Verified verified_at={null} />)).toBe(
    '<p class="verified" data-testid="verified"></p>',
  );
  expect(renderToStaticMarkup(<Verified verified_at={AT} />)).toMatch(/title="Compared with the rows in/);
});
