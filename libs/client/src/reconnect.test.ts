import { A, B, completedOf, startedOf, stateOf } from './fake-events.ts';
import { EPOCH } from './fake-gateway.ts';
import { GATEWAY_URL, useClientFixture } from './fixture-client.ts';

const at = useClientFixture();
/** Long enough for the next dial, too short for the fallbacks. */
const redial = async () => {
  await at.advance(600);
  at.gateway.latest.open();
  at.gateway.latest.welcome();
};

describe('when the connection is lost', () => {
  test('it comes back by itself, names its jobs again and is live', async () => {
    await at.watchLive(A);
    at.gateway.latest.drop();
    expect(at.status()).toBe('reconnecting');
    await redial();
    expect(at.gateway.sockets).toHaveLength(2);
    expect(at.status()).toBe('live');
    expect(at.gateway.latest.sent).toEqual([{ type: 'subscribe', payload: { job_ids: [A] } }]);
  });

  test('it goes on after the last lifecycle event it has, and nothing is missed or doubled', async () => {
    const { heard, watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 0);
    at.gateway.latest.say(startedOf(A, 1));
    at.gateway.latest.drop();
    await redial();
    expect(at.gateway.latest.asked('subscribe')).toEqual([
      { job_ids: [A], epoch: EPOCH, after_seq: { [A]: 1 } },
    ]);
    at.gateway.latest.subscribed(A, 2, true);
    at.gateway.latest.say(stateOf(A, 9, 'completed'));
    await at.advance(0);
    expect(watch.state).toBe('watching');
    at.gateway.latest.say(startedOf(A, 1));
    at.gateway.latest.say(completedOf(A, 2));
    await at.advance(0);
    expect(heard).toEqual(['S1', 'P9', 'E2']);
  });

  test('what is not replayed is taken from the snapshot, which may be the end', async () => {
    const { heard, watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.drop();
    await redial();
    at.gateway.latest.subscribed(A, 4, false);
    at.gateway.latest.say(startedOf(A, 4));
    at.gateway.latest.say(stateOf(A, 5));
    at.gateway.latest.drop();
    await redial();
    expect(at.gateway.latest.asked('subscribe')).toEqual([
      { job_ids: [A], epoch: EPOCH, after_seq: { [A]: 4 } },
    ]);
    at.gateway.latest.subscribed(A, 6, false);
    at.gateway.latest.say(stateOf(A, 6, 'cancelled'));
    await at.advance(0);
    expect(heard).toEqual(['P5', 'P6']);
    expect(watch.state).toBe('ended');
  });

  test('an end that was lost with the snapshot is found again by the next one', async () => {
    const { watch } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 2);
    at.gateway.latest.drop();
    await redial();
    at.gateway.latest.subscribed(A, 2, true);
    at.gateway.latest.say(stateOf(A, 6, 'completed'));
    expect(watch.state).toBe('ended');
  });

  test('of another database every version and every seq counts anew', async () => {
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 3);
    at.gateway.latest.say(stateOf(A, 9));
    at.gateway.latest.drop();
    await redial();
    at.gateway.latest.subscribed(A, 0, false, 'another');
    at.gateway.latest.say(stateOf(A, 2));
    at.gateway.latest.say(startedOf(A, 1));
    await at.advance(0);
    expect(heard).toEqual(['P9', 'P2', 'S1']);
    expect(at.client.getJob(A)?.version).toBe(2);
  });

  test('waits grow with each failure up to the cap', async () => {
    await at.watchLive(A);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = Date.now();
      const dialled = at.gateway.sockets.length;
      at.gateway.latest.drop();
      while (at.gateway.sockets.length === dialled) await at.advance(50);
      waits.push(Date.now() - before);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test('a gateway that drops everyone at once after the welcome is not hammered', async () => {
    await at.watchLive(A);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      at.gateway.latest.drop();
      await at.advance(20_000);
      at.gateway.latest.welcome();
    }
    const dialled = at.gateway.sockets.length;
    at.gateway.latest.drop();
    await at.advance(3_900);
    expect(at.gateway.sockets).toHaveLength(dialled);
  });

  test('a gateway that never welcomes is dialled again', async () => {
    at.client.watch(A);
    await at.advance(10_250);
    expect(at.gateway.sockets).toHaveLength(2);
  });

  test('the address of the gateway is asked anew before each attempt', async () => {
    const urls = ['ws://old/ws', 'ws://new/ws'];
    let asked = 0;
    at.again({
      url: async () => {
        const url = urls[asked];
        asked += 1;
        if (!url) throw new Error('away');
        return url;
      },
    });
    at.client.watch(A);
    await at.advance(0);
    at.gateway.latest.drop();
    await at.advance(300);
    expect(at.gateway.sockets.map(({ url }) => url)).toEqual(urls);
    at.gateway.latest.drop();
    await at.advance(30_000);
    expect(asked).toBeGreaterThan(4);
  });
});

describe('a refusal that may pass', () => {
  test('a job whose state the gateway could not read is asked for again, one that was left is not', async () => {
    const { watch } = await at.watchLive(A);
    const refused = { code: 'unavailable' as const, message: 'away', retryable: true };
    at.gateway.latest.control('refused', { ...refused, job_ids: [A] });
    await at.advance(1_900);
    expect(at.gateway.latest.asked('subscribe')).toHaveLength(1);
    await at.advance(400);
    expect(at.gateway.latest.asked('subscribe')).toHaveLength(2);
    const left = at.client.watch(B);
    await at.advance(300);
    at.gateway.latest.control('refused', { ...refused, job_ids: [A, B] });
    left.stop();
    await at.advance(2_300);
    expect(at.gateway.latest.asked('subscribe').at(-1)).toEqual({ job_ids: [A] });
    expect(watch.state).toBe('watching');
  });
});

describe('when a tab wakes', () => {
  test('it asks the line for a sign of life', async () => {
    await at.watchLive(A);
    at.client.resync();
    await at.advance(0);
    expect(at.gateway.latest.sent.at(-1)).toEqual({ type: 'ping' });
    await at.advance(5_000);
    expect(at.status()).toBe('reconnecting');
  });

  test('it dials at once instead of waiting out the backoff', async () => {
    await at.watchLive(A);
    at.gateway.latest.drop();
    at.client.resync();
    await at.advance(0);
    expect(at.gateway.sockets.map(({ url }) => url)).toEqual([GATEWAY_URL, GATEWAY_URL]);
  });

  test('over a stream, it opens the stream anew, and shows nothing of it', async () => {
    at.gateway.sse = 'open';
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    at.gateway.stream.welcome();
    await at.advance(0);
    at.client.resync();
    await at.advance(0);
    expect(at.gateway.streams).toHaveLength(2);
    expect(at.status()).toBe('live');
  });
});
