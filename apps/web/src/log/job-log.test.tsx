/** @jest-environment @happy-dom/jest-environment */
import { act } from 'react';
import { PARENT_ID, parentOf, problem } from '../testing/jobs.ts';
import { type Mounted, mount } from '../testing/mount.tsx';
import { JobLog } from './job-log.tsx';

let page: Mounted;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
});
afterEach(() => {
  page.unmount();
  jest.useRealTimers();
});

const settle = (ms = 0) => act(() => jest.advanceTimersByTimeAsync(ms));
const lineOf = (number: number, line: string) => ({ number, at: '2026-01-01T12:00:00.000Z', line });
const logOf = (...lines: object[]) => Response.json({ lines });
const open = (answer: () => Response | Promise<Response>) => {
  page = mount(<JobLog jobId={PARENT_ID} many="pages" />, answer);
};

test('until it is read its place is held, and then it says that there is nothing', async () => {
  open(() => logOf());
  expect(page.has('[role="status"][aria-label="Loading"]')).toBe(true);
  await settle();
  expect(page.find('.table-empty').textContent).toBe('Nothing has happened to its pages yet');
});

test('lines stand as they were written, the status marked, and nothing of them is spoken by itself', async () => {
  open(() =>
    logOf(
      lineOf(7, 'Child b5ccf4af -> failed. 1 pending, 0 running, 3 completed, 1 failed'),
      lineOf(8, 'something else'),
    ),
  );
  await settle();
  expect(page.has('.table-empty')).toBe(false);
  expect(page.find('section').getAttribute('aria-live')).toBe('off');
  expect(page.find('li', 'b5ccf4af').textContent).toMatch(
    /Child b5ccf4af -> failed\. 1 pending, 0 running, 3 completed, 1 failed$/,
  );
  expect(page.find('[data-status]').textContent).toBe('failed');
  expect(page.has('li', 'something else')).toBe(true);
  expect(page.find('.tail-gone').textContent).toBe('6 older lines no longer kept');
});

test('it is read again when the counts change', async () => {
  let lines = [lineOf(1, 'Child a -> running. x')];
  open(() => logOf(...lines));
  await settle(2_000);
  expect(page.container.querySelectorAll('li')).toHaveLength(1);
  lines = [...lines, lineOf(2, 'Child a -> completed. x')];
  page.client.accept(parentOf('running', { completed: 1 }, { version: 9 }).progress);
  await settle(2_000);
  expect(page.container.querySelectorAll('li')).toHaveLength(2);
});

test('what was read stays while the server is away, and one is told that it may be old', async () => {
  let answer = (): Response | Promise<Response> => logOf(lineOf(1, 'Child a -> running. x'));
  open(() => answer());
  await settle(2_000);
  answer = () => Promise.reject(new TypeError('failed'));
  page.client.accept(parentOf('running', { completed: 1 }, { version: 9 }).progress);
  await settle(2_000);
  expect(page.find('[role="alert"]').textContent).toContain('What is shown may be old.');
  expect(page.container.querySelectorAll('li')).toHaveLength(1);
  answer = () => logOf(lineOf(1, 'Child a -> running. x'));
  await settle(10_000);
  expect(page.has('[role="alert"]')).toBe(false);
});

test('a refusal is told in words', async () => {
  open(() => problem('forbidden', 'No', 403));
  await settle();
  expect(page.find('[role="alert"]').textContent).toBe('Your role does not allow this.');
});
