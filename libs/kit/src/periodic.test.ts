import { pino } from 'pino';
import { runEvery } from './periodic.ts';

const log = pino({ level: 'silent' });

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('the next run comes an interval after the end of the one before, so that runs never overlap', async () => {
  let running = 0;
  let runs = 0;
  const task = async () => {
    runs += 1;
    expect(++running).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 250));
    running -= 1;
  };
  const periodic = runEvery(100, { name: 'slow', log, task });
  await jest.advanceTimersByTimeAsync(99);
  expect(runs).toBe(0);
  await jest.advanceTimersByTimeAsync(1);
  expect(runs).toBe(1);
  await jest.advanceTimersByTimeAsync(349);
  expect(runs).toBe(1);
  await jest.advanceTimersByTimeAsync(1);
  expect(runs).toBe(2);
  const stopped = periodic.stop();
  await jest.advanceTimersByTimeAsync(250);
  await stopped;
});

test('a run that throws is logged, and the next one comes all the same', async () => {
  const logged = jest.spyOn(log, 'error');
  let runs = 0;
  const task = async () => {
    runs += 1;
    throw new Error('the database is away');
  };
  const periodic = runEvery(100, { name: 'poll', log, task });
  await jest.advanceTimersByTimeAsync(300);
  expect(runs).toBe(3);
  expect(logged).toHaveBeenCalledTimes(3);
  await periodic.stop();
});

test('stop waits for the run that is on, and no other comes', async () => {
  let end = () => {};
  let runs = 0;
  const task = () => {
    runs += 1;
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  };
  const periodic = runEvery(100, { name: 'long', log, task });
  await jest.advanceTimersByTimeAsync(100);
  let stopped = false;
  const stopping = periodic.stop().then(() => {
    stopped = true;
  });
  await jest.advanceTimersByTimeAsync(1_000);
  expect(stopped).toBe(false);
  end();
  await stopping;
  await jest.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(1);
  expect(jest.getTimerCount()).toBe(0);
});

test('a neighbour that is away is not logged for each run', async () => {
  const logged = jest.spyOn(log, 'error').mockClear();
  const task = () => Promise.reject(Object.assign(new Error('no database'), { retryable: true }));
  const periodic = runEvery(100, { name: 'poll', log, task });
  await jest.advanceTimersByTimeAsync(300);
  expect(logged).not.toHaveBeenCalled();
  await periodic.stop();
});

test('a run that is wanted now comes at once, or right after the one that is on, and only once', async () => {
  const ends: (() => void)[] = [];
  const task = () => new Promise<void>((resolve) => void ends.push(resolve));
  const periodic = runEvery(1_000, { name: 'poll', log, task });
  periodic.runNow();
  expect(ends).toHaveLength(1);
  periodic.runNow();
  periodic.runNow();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await jest.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await jest.advanceTimersByTimeAsync(999);
  expect(ends).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(1);
  expect(ends).toHaveLength(3);
  const stopped = periodic.stop();
  periodic.runNow();
  ends[2]?.();
  await stopped;
  await jest.advanceTimersByTimeAsync(5_000);
  expect(ends).toHaveLength(3);
});
