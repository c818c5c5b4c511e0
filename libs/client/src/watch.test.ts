import { JobRefusedError, ReaderTooSlowError } from './errors.ts';
import { QUEUED_EVENTS_MAX } from './event-queue.ts';
import {
  A,
  B,
  completedOf,
  idOf,
  jobProgressOf,
  progressOf,
  short,
  startedOf,
  stateOf,
} from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';
import type { Watch } from './watch.ts';

const at = useClientFixture();

/** Reads until the end; the test goes on meanwhile. */
async function readAll(watch: Watch): Promise<string[]> {
  const read: string[] = [];
  for await (const event of watch) read.push(short(event));
  return read;
}

describe('reading with for await', () => {
  test('it gives what happens from the present state to the terminal event, and ends', async () => {
    const { watch } = await at.watchLive(B);
    const ofA = at.client.watch(A);
    const reading = readAll(ofA);
    await at.advance(300);
    at.gateway.latest.subscribed(A, 0);
    for (const event of [stateOf(A, 1), startedOf(A, 1), jobProgressOf(A, 1), stateOf(A, 2, 'completed')]) {
      at.gateway.latest.say(event);
      await at.advance(0);
    }
    expect(ofA.state).toBe('watching');
    at.gateway.latest.say(completedOf(A, 2));
    expect(await reading).toEqual(['P1', 'S1', 'J1', 'P2', 'E2']);
    expect(ofA.state).toBe('ended');
    expect(watch.state).toBe('watching');
  });

  test('a job that has ended is left; watching it again asks whether it still has, gives its last state and ends', async () => {
    at.client.watch(B);
    const { heard, watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    for (const event of [stateOf(A, 6), stateOf(A, 7, 'failed'), completedOf(A, 2), stateOf(A, 8)]) {
      at.gateway.latest.say(event);
    }
    await at.advance(300);
    expect(heard).toEqual(['P7', 'E2']);
    expect(watch.state).toBe('ended');
    expect(at.gateway.latest.asked('unsubscribe')).toEqual([{ job_ids: [A] }]);
    const again = at.client.watch(A);
    const reading = readAll(again);
    await at.advance(300);
    expect(again.state).toBe('watching');
    expect(at.gateway.latest.asked('subscribe').at(-1)).toMatchObject({
      job_ids: [A],
      after_seq: { [A]: 2 },
    });
    at.gateway.latest.subscribed(A, 2, true);
    at.gateway.latest.say(stateOf(A, 8, 'failed'));
    expect(await reading).toEqual(['P8']);
  });

  test('of a job that had ended before there is no event to come, so its state ends it', async () => {
    const { heard, watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 2);
    at.gateway.latest.say(stateOf(A, 9, 'completed'));
    await at.advance(0);
    expect(heard).toEqual(['P9']);
    expect(watch.state).toBe('ended');
  });

  test('what happens before the reading begins is kept', async () => {
    const watch = at.client.watch(A);
    await at.advance(0);
    at.gateway.latest.welcome();
    at.gateway.latest.subscribed(A, 0);
    for (const event of [stateOf(A, 1), startedOf(A, 1), stateOf(A, 2, 'completed'), completedOf(A, 2)]) {
      at.gateway.latest.say(event);
    }
    expect(await readAll(watch)).toEqual(['S1', 'P2', 'E2']);
  });

  test('leaving the loop stops the watch', async () => {
    const { watch: other } = await at.watchLive(B);
    const watch = at.client.watch(A);
    at.client.accept(progressOf(A, 1));
    for await (const event of watch) {
      expect(short(event)).toBe('P1');
      break;
    }
    expect(watch.state).toBe('stopped');
    expect(other.state).toBe('watching');
  });

  test('stopping from outside ends a loop that waits', async () => {
    const watch = at.client.watchAll();
    const reading = readAll(watch);
    watch.stop();
    expect(await reading).toEqual([]);
  });

  test('a job that the gateway refuses throws why', async () => {
    await at.watchLive(B);
    const watch = at.client.watch(A);
    const reading = readAll(watch);
    await at.advance(300);
    at.gateway.latest.control('refused', {
      job_ids: [A],
      code: 'job_not_found',
      message: 'there is no such job',
      retryable: false,
    });
    await expect(reading).rejects.toThrow(JobRefusedError);
    await expect(reading).rejects.toMatchObject({ code: 'job_refused', refusal: 'job_not_found', jobId: A });
    expect(watch.state).toBe('failed');
  });

  test('a reader that never takes its lifecycle events is told, and the memory is bounded', async () => {
    const watch = at.client.watchAll();
    const iterator = watch[Symbol.asyncIterator]();
    await at.advance(0);
    at.gateway.latest.welcome();
    for (let index = 0; index <= QUEUED_EVENTS_MAX; index += 1) {
      // Not held against the contract: ten thousand times is too often.
      at.gateway.latest.raw(JSON.stringify(startedOf(idOf(`${index}`), 1)));
    }
    expect(watch.state).toBe('failed');
    for (let index = 0; index <= QUEUED_EVENTS_MAX; index += 1) await iterator.next();
    await expect(iterator.next()).rejects.toThrow(ReaderTooSlowError);
  });
});

describe('callbacks', () => {
  test('who comes later first hears the state that is known', async () => {
    await at.watchLive(A);
    at.gateway.latest.say(stateOf(A, 3));
    const heard: string[] = [];
    at.client.watch(A, (event) => heard.push(short(event)));
    at.client.watchAll((event) => heard.push(short(event)));
    at.gateway.latest.say(stateOf(A, 4));
    await at.advance(0);
    expect(heard).toEqual(['P4', 'P4']);
  });

  test('a callback may stop its watch, and hears nothing more', async () => {
    await at.watchLive(B);
    const heard: string[] = [];
    const watch = at.client.watch(A, (event) => {
      heard.push(short(event));
      watch.stop();
    });
    at.gateway.latest.say(startedOf(A, 1));
    at.gateway.latest.say(stateOf(A, 1));
    await at.advance(0);
    expect(heard).toEqual(['S1']);
  });
});
