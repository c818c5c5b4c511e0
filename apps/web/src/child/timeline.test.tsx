/** @jest-environment @happy-dom/jest-environment */
import { act } from 'react';
import { type Mounted, mount } from '../testing/mount.tsx';
import { Timeline } from './timeline.tsx';

let page: Mounted;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
});
afterEach(() => {
  page.unmount();
  jest.useRealTimers();
});

const open = async (steps: object[], { hasEnded = false } = {}) => {
  const events = steps.map((step, index) => ({ number: index + 1, at: '2026-01-01T12:00:00.000Z', step }));
  page = mount(<Timeline jobId="a" hasEnded={hasEnded} />, () => Response.json({ events }));
  await act(() => jest.advanceTimersByTimeAsync(0));
};

test('each step is told with its time, its duration and how it came out', async () => {
  await open([
    { event: 'page_started', page_index: 0 },
    { event: 'page_done', page_index: 0, duration_ms: 1_200, success: true, detail: { bytes: 7 } },
    { event: 'pipeline_done', success: false },
  ]);
  const rows = [...page.container.querySelectorAll('li')];
  expect(rows.map((row) => row.getAttribute('data-success'))).toEqual([null, 'true', 'false']);
  expect(rows[1]?.textContent).toMatch(/^\d\d:\d\d:\d\dPage 1 donebytes 71\.2s$/);
  expect(rows[2]?.textContent).toMatch(/Ended without success$/);
  expect(page.find('section section').getAttribute('aria-live')).toBe('off');
});

test.each([
  [false, 'No steps yet'],
  [true, 'No steps were told'],
])('without steps it says so (ended: %s)', async (hasEnded, words) => {
  await open([], { hasEnded });
  expect(page.find('.table-empty').textContent).toBe(words);
});

test('what a worker says of a step is text, never markup', async () => {
  await open([{ event: 'pipeline_started', detail: { html: '<img src=x onerror=alert(1)>' } }]);
  expect(page.has('img')).toBe(false);
  expect(page.find('.step-detail').textContent).toContain('<img');
});
