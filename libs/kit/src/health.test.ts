import { checkHealth, connectedCheck } from './health.ts';

afterEach(() => void jest.useRealTimers());

test('ready when every neighbour answers', async () => {
  expect(await checkHealth({ a: () => {}, b: async () => {} })).toEqual({
    ready: true,
    checks: { a: 'ok', b: 'ok' },
  });
});

test('a neighbour that is away is named with its reason, and does not hide the others', async () => {
  const checks = {
    thrown: () => {
      throw new Error('reconnecting');
    },
    rejected: () => Promise.reject(new Error('connection refused')),
    fine: () => {},
  };
  expect(await checkHealth(checks)).toEqual({
    ready: false,
    checks: { thrown: 'reconnecting', rejected: 'connection refused', fine: 'ok' },
  });
});

test('a neighbour that never answers is away after two seconds', async () => {
  jest.useFakeTimers();
  const health = checkHealth({ hangs: () => new Promise(() => {}), fine: () => {} });
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await health).toEqual({ ready: false, checks: { hangs: 'no answer in 2000 ms', fine: 'ok' } });
});

test('a check that has answered leaves no timer behind', async () => {
  jest.useFakeTimers();
  await checkHealth({ fine: () => {}, away: () => Promise.reject(new Error('away')) });
  expect(jest.getTimerCount()).toBe(0);
});

test('a bus is there while it is connected, else it says what it does', async () => {
  const bus = { state: 'reconnecting' };
  const checks = { nats: connectedCheck(bus) };
  expect((await checkHealth(checks)).checks).toEqual({ nats: 'reconnecting' });
  bus.state = 'connected';
  expect((await checkHealth(checks)).ready).toBe(true);
});
