import { A, completedOf, idOf, progressOf, startedOf, stateOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();

describe('what is shown', () => {
  test('an older or equal version never replaces a newer one, whichever way it came', async () => {
    const { heard } = await at.watchLive(A);
    for (const version of [2, 5, 5, 3]) at.gateway.latest.say(stateOf(A, version));
    at.client.accept(progressOf(A, 4));
    expect(at.client.getJob(A)?.version).toBe(5);
    at.client.accept(progressOf(A, 6));
    expect(at.client.getJob(A)?.version).toBe(6);
    await at.advance(0);
    expect(heard).toEqual(['P6']);
  });

  test.each([
    'no json',
    '[]',
    '{"type":"parent_job_progress","payload":null}',
    '{"type":"parent_job_progress","payload":{"job_id":"a","version":"9"}}',
    '{"type":"subscribed","payload":{"epoch":"e","jobs":[null]}}',
    '{"type":"something_new","payload":{}}',
    new ArrayBuffer(4),
  ])('what it cannot read is ignored: %p', async (data) => {
    await at.watchLive(A);
    at.gateway.latest.raw(data);
    expect(at.client.getSnapshot().jobs.size).toBe(0);
    expect(at.status()).toBe('live');
  });

  test('five hundred jobs that change together are one notification, and each job tells only its own', async () => {
    at.client.watchAll();
    await at.advance(0);
    at.gateway.latest.welcome();
    await at.advance(100);
    const rounds = jest.fn();
    const ofSeven = jest.fn();
    at.client.subscribe(rounds);
    at.client.subscribeJob(idOf('j7'), ofSeven);
    at.client.accept(progressOf(A, 1));
    for (let index = 0; index < 500; index += 1) {
      at.gateway.latest.say(stateOf(idOf(`j${index}`), 1));
      at.gateway.latest.say(stateOf(idOf(`j${index}`), 2));
    }
    await at.advance(200);
    expect(rounds).toHaveBeenCalledTimes(2);
    expect(ofSeven).toHaveBeenCalledTimes(1);
    expect(at.client.getSnapshot().jobs.get(idOf('j7'))?.version).toBe(2);
  });

  test('the snapshot is the same object until something changes', async () => {
    await at.watchLive(A);
    const before = at.client.getSnapshot();
    expect(at.client.getSnapshot()).toBe(before);
    at.gateway.latest.say(stateOf(A, 1));
    expect(at.client.getSnapshot()).not.toBe(before);
    expect(before.jobs.size).toBe(0);
  });

  test('a listener that throws keeps no other from hearing', async () => {
    const surfaced = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined);
    const heard = jest.fn();
    at.client.subscribe(() => {
      throw new Error('broken');
    });
    at.client.subscribe(heard);
    at.client.accept(progressOf(A, 1));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(surfaced).toHaveBeenCalledTimes(1);
    surfaced.mockRestore();
  });

  test('after close nothing is heard and nothing is accepted', async () => {
    const { watch, heard } = await at.watchLive(A);
    at.client.close();
    at.gateway.latest.say(startedOf(A, 1));
    at.gateway.latest.say(completedOf(A, 2));
    at.client.accept(progressOf(A, 1));
    await at.advance(0);
    expect(heard).toEqual([]);
    expect([watch, at.client.watch(A), at.client.watchAll()].map(({ state }) => state)).toEqual(
      Array(3).fill('stopped'),
    );
    expect(at.client.getJob(A)).toBeUndefined();
  });
});
