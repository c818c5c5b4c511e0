import { findLeaks, type Standing } from './standing.ts';

const START: Standing = {
  heapMiB: 20,
  openFiles: 30,
  connections: 0,
  watchedJobs: 0,
  busSubscriptions: 0,
};

test('what is back within its tolerance is no leak, neither is less than before', () => {
  expect(findLeaks(START, START)).toEqual([]);
  expect(findLeaks(START, { ...START, heapMiB: 22.9, openFiles: 34 })).toEqual([]);
  expect(findLeaks(START, { ...START, heapMiB: 5, openFiles: 1 })).toEqual([]);
});

test.each([
  [{ heapMiB: 23.2 }, 'heapMiB rose from 20 to 23.2'],
  [{ openFiles: 35 }, 'openFiles rose from 30 to 35'],
  [{ connections: 1 }, 'connections rose from 0 to 1'],
  [{ watchedJobs: 1 }, 'watchedJobs rose from 0 to 1'],
  [{ busSubscriptions: 1 }, 'busSubscriptions rose from 0 to 1'],
])('%j is told', (more, text) => {
  expect(findLeaks(START, { ...START, ...more })).toEqual([expect.stringContaining(text)]);
});

test('descriptors that cannot be counted are not held against it', () => {
  expect(findLeaks({ ...START, openFiles: null }, { ...START, openFiles: null })).toEqual([]);
});
