import { createService, type OnStop } from './create-service.ts';

/** Opens `a`, `b` and `c`, and notes what is closed. */
const opening = (closed: string[]) => async (onStop: OnStop) => {
  for (const part of ['a', 'b', 'c']) onStop(async () => void closed.push(part));
};

test('what was opened last is closed first, and a second stop closes nothing twice', async () => {
  const closed: string[] = [];
  const service = createService('three', opening(closed));
  await service.start();
  await Promise.all([service.stop(), service.stop()]);
  expect(closed).toEqual(['c', 'b', 'a']);
});

test('a start that fails half-way closes what it had opened, and says why', async () => {
  const closed: string[] = [];
  const service = createService('three', async (onStop) => {
    await opening(closed)(onStop);
    throw new Error('port 4000 is taken');
  });
  await expect(service.start()).rejects.toThrow('port 4000 is taken');
  expect(closed).toEqual(['c', 'b', 'a']);
  await service.stop();
  expect(closed).toHaveLength(3);
});

test('a stop in the middle of a start waits, so that nothing opened later stays open', async () => {
  const closed: string[] = [];
  let proceed = () => {};
  const gate = new Promise<void>((resolve) => {
    proceed = resolve;
  });
  const service = createService('slow', async (onStop) => {
    await gate;
    await opening(closed)(onStop);
  });
  const starting = service.start();
  const stopping = service.stop();
  proceed();
  await Promise.all([starting, stopping]);
  expect(closed).toEqual(['c', 'b', 'a']);
});

test('an end that throws keeps no other from being closed, and is told', async () => {
  const closed: string[] = [];
  const service = createService('broken', async (onStop) => {
    onStop(() => closed.push('first'));
    onStop(() => Promise.reject(new Error('the bus hangs')));
    onStop(() => closed.push('last'));
  });
  await service.start();
  await expect(service.stop()).rejects.toThrow('the bus hangs');
  expect(closed).toEqual(['last', 'first']);
});
