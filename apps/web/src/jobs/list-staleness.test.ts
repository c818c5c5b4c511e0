import type { ParentStatus, ParentView } from '@progeny/contract';
import { createListStaleness } from './list-staleness.ts';

const listOf = (rows: Record<string, ParentStatus>, hasMore = false) => ({
  rows: Object.entries(rows).map(([job_id, status]) => ({ job_id, status }) as ParentView),
  isLoaded: true,
  hasMore,
  isLoadingMore: false,
  refusal: null,
});
const liveOf = (jobs: Record<string, ParentStatus>) =>
  Object.entries(jobs).map(([job_id, status]) => ({ job_id, status }));

test('a job that the list lacks makes it stale, once', () => {
  const staleness = createListStaleness(null);
  expect(staleness.isStale(liveOf({ b: 'running' }), listOf({ a: 'completed' }))).toBe(true);
  expect(staleness.isStale(liveOf({ b: 'running' }), listOf({ a: 'completed' }))).toBe(false);
});

test('a job whose status has changed makes it stale, since times are read from the API', () => {
  const staleness = createListStaleness(null);
  expect(staleness.isStale(liveOf({ a: 'running' }), listOf({ a: 'running' }))).toBe(false);
  expect(staleness.isStale(liveOf({ a: 'completed' }), listOf({ a: 'running' }))).toBe(true);
});

test('a job that is known no longer makes it stale, once, if it is shown', () => {
  const staleness = createListStaleness(null);
  const shown = listOf({ a: 'completed', b: 'running' });
  expect(staleness.isStale(liveOf({ a: 'completed', b: 'running', c: 'failed' }), listOf({}))).toBe(true);
  expect(staleness.isStale(liveOf({ a: 'completed', b: 'running' }), shown)).toBe(false);
  expect(staleness.isStale(liveOf({ b: 'running' }), shown)).toBe(true);
  expect(staleness.isStale(liveOf({ b: 'running' }), shown)).toBe(false);
});

test('what lies beyond the last row shown, or outside the filter, is no news', () => {
  expect(createListStaleness(null).isStale(liveOf({ a: 'running' }), listOf({ b: 'running' }, true))).toBe(
    false,
  );
  expect(createListStaleness('failed').isStale(liveOf({ c: 'running' }), listOf({}))).toBe(false);
  expect(createListStaleness('failed').isStale(liveOf({ c: 'failed' }), listOf({}))).toBe(true);
});

test('before the first answer there is nothing to be stale', () => {
  const notLoaded = { ...listOf({}), isLoaded: false };
  expect(createListStaleness(null).isStale(liveOf({ a: 'running' }), notLoaded)).toBe(false);
});
