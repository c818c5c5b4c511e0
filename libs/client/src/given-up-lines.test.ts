import { A, stateOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();
/** Long enough for the next dial, too short for the fallbacks. */
const redial = async () => {
  await at.advance(600);
  at.gateway.latest.open();
  at.gateway.latest.welcome();
};

describe('what a close code says', () => {
  test.each([1006, 1012, 4001, 4002, 4003])('after %i it comes back', async (code) => {
    await at.watchLive(A);
    at.gateway.latest.drop(code);
    await at.advance(300);
    expect(at.gateway.sockets).toHaveLength(2);
  });

  test.each([4400, 4401, 4403, 4429])('after %i the same is not tried again, until a wake', async (code) => {
    await at.watchLive(A);
    at.gateway.latest.drop(code);
    await at.advance(60_000);
    expect(at.gateway.sockets).toHaveLength(1);
    at.client.resync();
    await at.advance(0);
    expect(at.gateway.sockets).toHaveLength(2);
  });

  test('the state names the code that forbids to come back, until it is live or nobody watches', async () => {
    at.gateway.api = null;
    const { watch } = await at.watchLive(A);
    at.gateway.latest.drop(4403);
    expect(at.client.state).toMatchObject({ status: 'reconnecting', refusal: 4403 });
    await at.advance(15_000);
    expect(at.client.state).toMatchObject({ status: 'stale', refusal: 4403 });
    at.client.resync();
    await at.advance(0);
    at.gateway.latest.drop(4401);
    expect(at.client.state).toMatchObject({ status: 'stale', refusal: 4401 });
    at.client.resync();
    await at.advance(0);
    at.gateway.latest.open();
    at.gateway.latest.welcome();
    at.gateway.latest.drop(1006);
    expect(at.client.state).toMatchObject({ status: 'reconnecting' });
    expect(at.client.state).not.toHaveProperty('refusal');
    await at.advance(2_000);
    at.gateway.latest.drop(4429);
    expect(at.client.state).toHaveProperty('refusal', 4429);
    watch.stop();
    await at.advance(0);
    expect(at.client.state).not.toHaveProperty('refusal');
    at.client.watch(A);
    await at.advance(0);
    at.gateway.latest.drop(1006);
    expect(at.client.state).not.toHaveProperty('refusal');
  });
});

describe('a restart that was announced', () => {
  test('until then all goes on, then it dials anew without having been away', async () => {
    const { heard } = await at.watchLive(A);
    const first = at.gateway.latest;
    const seen = new Set([at.status()]);
    at.client.onState(({ status }) => seen.add(status));
    first.control('reconnect', { after_ms: 4_000 });
    await at.advance(3_900);
    first.say(stateOf(A, 1));
    expect(at.gateway.sockets).toHaveLength(1);
    await at.advance(100);
    expect(at.gateway.sockets).toHaveLength(2);
    expect(first.isClosedByClient).toBe(true);
    at.gateway.latest.welcome();
    expect(at.gateway.latest.asked('subscribe')).toHaveLength(1);
    expect([...seen]).toEqual(['live']);
    expect(heard).toEqual(['P1']);
  });

  test('a gateway that leaves earlier is dialled once', async () => {
    await at.watchLive(A);
    at.gateway.latest.control('reconnect', { after_ms: 2_000 });
    at.gateway.latest.drop(1012);
    await redial();
    await at.advance(4_000);
    expect(at.gateway.sockets).toHaveLength(2);
  });
});

describe('a silent line', () => {
  test('is pinged, and given up without an answer', async () => {
    await at.watchLive(A);
    const silent = at.gateway.latest;
    await at.advance(15_000);
    expect(silent.sent.at(-1)).toEqual({ type: 'ping' });
    silent.control('pong', {});
    await at.advance(15_000);
    expect(at.status()).toBe('live');
    await at.advance(5_000);
    expect(at.status()).toBe('reconnecting');
    expect(silent.isClosedByClient).toBe(true);
  });

  test('a socket that was given up is not heard any more', async () => {
    await at.watchLive(A);
    const old = at.gateway.latest;
    await at.advance(20_000);
    old.say(stateOf(A, 1));
    old.drop();
    expect(at.client.getJob(A)).toBeUndefined();
  });
});
