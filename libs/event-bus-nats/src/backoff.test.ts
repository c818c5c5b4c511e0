import { createBackoff } from './backoff.ts';

test('delays double up to two seconds and begin anew after a success', () => {
  const backoff = createBackoff(() => 1);
  const delays = Array.from({ length: 20 }, () => {
    backoff.next();
    return backoff.delayMs;
  });
  expect(delays.slice(0, 6)).toEqual([100, 200, 400, 800, 1600, 2000]);
  expect(delays.at(-1)).toBe(2000);
  backoff.reset();
  expect(backoff.delayMs).toBe(50);
});

test('a delay stays the same until the next attempt: the client asks for it many times', () => {
  let calls = 0;
  const backoff = createBackoff(() => {
    calls += 0.1;
    return calls;
  });
  backoff.next();
  expect(backoff.delayMs).toBe(backoff.delayMs);
});

test('jitter takes up to half', () => {
  const backoff = createBackoff(() => 0);
  backoff.next();
  expect(backoff.delayMs).toBe(50);
});
