import { createRefresher, type Refresher } from './refresher.ts';

let refresher: Refresher;
let answers: ('done' | 'again' | 'fails')[];
const startsMs: number[] = [];
let inFlight = 0;
let mostInFlight = 0;
let runMs: number;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'], now: 0 });
  answers = [];
  startsMs.length = 0;
  mostInFlight = 0;
  runMs = 100;
  refresher = createRefresher({
    now: Date.now,
    run: async () => {
      startsMs.push(Date.now());
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      await new Promise((resolve) => setTimeout(resolve, runMs));
      inFlight -= 1;
      const answer = answers.shift() ?? 'done';
      if (answer === 'fails') throw new Error('away');
      return answer;
    },
  });
});
afterEach(() => {
  refresher.stop();
  jest.useRealTimers();
});

test('requests every 50 ms are one run a second, never two at once, and the last is not lost', async () => {
  for (let elapsed = 0; elapsed < 3_050; elapsed += 50) {
    refresher.request();
    await jest.advanceTimersByTimeAsync(50);
  }
  await jest.advanceTimersByTimeAsync(10_000);
  expect(startsMs).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  expect(mostInFlight).toBe(1);
});

test('a run that takes longer than the gap is waited for', async () => {
  runMs = 3_500;
  refresher.request();
  await jest.advanceTimersByTimeAsync(500);
  refresher.request();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(startsMs).toHaveLength(2);
  expect(startsMs[1]).toBeGreaterThanOrEqual(3_500);
  expect(mostInFlight).toBe(1);
});

test('without a request nothing runs', async () => {
  await jest.advanceTimersByTimeAsync(10_000);
  expect(startsMs).toEqual([]);
});

test('a run that failed is tried again, later', async () => {
  answers = ['fails', 'fails', 'done'];
  refresher.request();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(startsMs).toEqual([0, 2_100, 4_200]);
});

test('a run may ask for another', async () => {
  answers = ['again', 'done'];
  refresher.request();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(startsMs).toEqual([0, 1_000]);
});

test('after stop nothing starts, not even what was waiting', async () => {
  refresher.request();
  await jest.advanceTimersByTimeAsync(200);
  refresher.request();
  refresher.stop();
  await jest.advanceTimersByTimeAsync(20_000);
  expect(startsMs).toEqual([0]);
  expect(jest.getTimerCount()).toBe(0);
});
