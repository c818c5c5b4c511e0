import { A, B, completedOf, short, startedOf, stateOf } from './fake-events.ts';
import { EPOCH } from './fake-gateway.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();

describe('server-sent events', () => {
  test('after three seconds without a WebSocket the same events come over a stream, with the token', async () => {
    at.again({ token: 'secret' });
    at.gateway.sse = 'open';
    const { heard } = await at.watchLive(A);
    at.gateway.latest.drop();
    await at.advance(2_999);
    expect(at.gateway.streams).toHaveLength(0);
    await at.advance(1);
    const { stream } = at.gateway;
    expect(stream.url).toBe(`http://gateway/sse?job_id=${A}`);
    expect(stream.headers).toMatchObject({ authorization: 'Bearer secret', accept: 'text/event-stream' });
    expect(stream.headers['last-event-id']).toBeUndefined();
    stream.welcome();
    stream.subscribed(A, 0);
    stream.say(stateOf(A, 1));
    stream.say(startedOf(A, 1));
    await at.advance(0);
    expect(at.client.state).toMatchObject({ status: 'live', via: 'sse' });
    expect(heard).toEqual(['P1', 'S1']);
  });

  test('a stream goes on where the socket ended, and a socket where the stream did', async () => {
    at.gateway.sse = 'open';
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 0);
    at.gateway.latest.say(startedOf(A, 1));
    at.gateway.latest.drop();
    await at.advance(3_000);
    expect(at.gateway.stream.headers['last-event-id']).toBe(`${EPOCH}.1`);
    at.gateway.stream.welcome();
    at.gateway.stream.subscribed(A, 2, true);
    at.gateway.stream.say(startedOf(A, 2));
    await at.advance(0);
    at.gateway.latest.welcome();
    expect(at.client.state).toMatchObject({ status: 'live', via: 'websocket' });
    expect(at.gateway.stream.signal.aborted).toBe(true);
    expect(at.gateway.latest.asked('subscribe')).toEqual([
      { job_ids: [A], epoch: EPOCH, after_seq: { [A]: 2 } },
    ]);
    at.gateway.latest.subscribed(A, 3, true);
    at.gateway.latest.say(completedOf(A, 3));
    await at.advance(0);
    expect(heard).toEqual(['S1', 'S2', 'E3']);
  });

  test('of a job that is new to a stream its lifecycle is asked for from the beginning', async () => {
    at.gateway.sse = 'open';
    await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.drop(4400);
    const heard: string[] = [];
    const watch = at.client.watch(B, (event) => heard.push(short(event)));
    await at.advance(3_000);
    expect(at.gateway.stream.headers['last-event-id']).toBe(`${EPOCH}.1.0`);
    at.gateway.stream.welcome();
    at.gateway.stream.subscribed(B, 2, true);
    for (const event of [stateOf(B, 3, 'completed'), startedOf(B, 1), completedOf(B, 2)]) {
      at.gateway.stream.say(event);
    }
    await at.advance(0);
    expect(heard).toEqual(['P3', 'S1', 'E2']);
    expect(watch.state).toBe('ended');
  });

  test('a stream that ends is opened again, and a silent one is given up', async () => {
    at.gateway.sse = 'open';
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    at.gateway.stream.welcome();
    await at.advance(0);
    at.gateway.stream.end();
    await at.advance(300);
    expect(at.gateway.streams).toHaveLength(2);
    at.gateway.stream.welcome();
    await at.advance(29_000);
    at.gateway.stream.raw(': alive\n\n');
    await at.advance(29_000);
    expect(at.status()).toBe('live');
    await at.advance(1_300);
    expect(at.gateway.streams).toHaveLength(3);
  });

  test('a job watched meanwhile is named to a new stream', async () => {
    at.gateway.sse = 'open';
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    at.gateway.stream.welcome();
    await at.advance(0);
    const seen = new Set([at.status()]);
    at.client.onState(({ status }) => seen.add(status));
    at.client.watch(B);
    await at.advance(0);
    at.gateway.stream.welcome();
    await at.advance(0);
    expect([...seen]).toEqual(['live']);
    expect(at.gateway.stream.url).toBe(`http://gateway/sse?job_id=${A}&job_id=${B}`);
  });

  test('the end of a job that a stream missed is asked for', async () => {
    at.gateway.sse = 'open';
    const { heard } = await at.watchLive(A);
    at.gateway.latest.subscribed(A, 1);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    at.gateway.stream.welcome();
    at.gateway.stream.subscribed(A, 1, true);
    at.gateway.stream.say(completedOf(A, 3));
    await at.advance(0);
    expect(at.gateway.streams).toHaveLength(2);
    expect(at.gateway.stream.headers['last-event-id']).toBe(`${EPOCH}.1`);
    expect(heard).toEqual([]);
  });

  test('a job whose state could not be read is asked for again', async () => {
    at.gateway.sse = 'open';
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    const refused = { job_ids: [A], code: 'unavailable' as const, message: 'away', retryable: true };
    at.gateway.stream.welcome();
    at.gateway.stream.control('refused', refused);
    await at.advance(1_900);
    expect(at.gateway.streams).toHaveLength(1);
    await at.advance(200);
    expect(at.gateway.streams).toHaveLength(2);
  });

  test('before its token expires the stream is opened anew with a fresh one', async () => {
    let asked = 0;
    at.again({
      token: () => {
        asked += 1;
        return `t${asked}`;
      },
    });
    at.gateway.sse = 'open';
    await at.watchLive(A);
    at.gateway.latest.drop(4400);
    await at.advance(3_000);
    at.gateway.stream.welcome({ expires_at: '2026-01-01T00:00:20.000Z' });
    await at.advance(15_000);
    expect(at.gateway.streams).toHaveLength(2);
    expect(at.gateway.stream.headers.authorization).toBe('Bearer t3');
  });
});
