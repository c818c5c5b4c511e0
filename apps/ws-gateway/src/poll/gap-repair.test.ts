import { createGapRepair } from './gap-repair.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('gaps of a moment are read together, each job once, and the next ones later', () => {
  const read: (readonly string[])[] = [];
  const gaps = createGapRepair(async (ids) => void read.push(ids), jest.fn());
  for (const id of ['a', 'b', 'a']) gaps.add(id);
  expect(read).toEqual([]);
  jest.runAllTimers();
  gaps.add('a');
  jest.runAllTimers();
  expect(read).toEqual([['a', 'b'], ['a']]);
});

test('a read that fails is told, and nothing is read once it is stopped', async () => {
  const onError = jest.fn();
  const catchUp = jest.fn(() => Promise.reject(new Error('away')));
  const gaps = createGapRepair(catchUp, onError);
  gaps.add('a');
  await jest.runAllTimersAsync();
  expect(onError).toHaveBeenCalledTimes(1);
  gaps.add('b');
  gaps.stop();
  await jest.runAllTimersAsync();
  expect(catchUp).toHaveBeenCalledTimes(1);
});
