import { A } from './fake-events.ts';
import { GATEWAY_URL, useClientFixture } from './fixture-client.ts';

const at = useClientFixture();
const in60s = '2026-01-01T00:01:00.000Z';

/** A provider that counts, `t1`, `t2` …, and never the same twice. */
const counting = () => {
  let asked = 0;
  return async () => {
    asked += 1;
    return `t${asked}`;
  };
};

test('the token is the first thing said, and never in the address', async () => {
  at.again({ token: 'secret' });
  at.client.watch(A);
  await at.advance(0);
  at.gateway.latest.open();
  expect(at.gateway.latest.sent).toEqual([{ type: 'auth', payload: { token: 'secret' } }]);
  at.gateway.latest.welcome();
  expect(at.gateway.latest.asked('subscribe')).toHaveLength(1);
  expect(at.gateway.latest.url).toBe(GATEWAY_URL);
});

test('a fresh one is said on the same connection well before the old one expires, and again in time', async () => {
  at.again({ token: counting() });
  at.client.watch(A);
  await at.advance(0);
  at.gateway.latest.open();
  at.gateway.latest.welcome({ expires_at: in60s, heartbeat_ms: 100_000 });
  await at.advance(44_000);
  expect(at.gateway.latest.asked('auth')).toEqual([{ token: 't1' }]);
  await at.advance(1_000);
  expect(at.gateway.latest.asked('auth')).toEqual([{ token: 't1' }, { token: 't2' }]);
  at.gateway.latest.control('authenticated', { expires_at: in60s });
  await at.advance(45_000);
  expect(at.gateway.latest.asked('auth')).toHaveLength(3);
  expect(at.gateway.sockets).toHaveLength(1);
  expect(at.status()).toBe('live');
});

test('when no fresh one can be had it asks again before the end', async () => {
  let asked = 0;
  at.again({
    token: async () => {
      asked += 1;
      if (asked === 2) throw new Error('the identity provider is away');
      return `t${asked}`;
    },
  });
  at.client.watch(A);
  await at.advance(0);
  at.gateway.latest.open();
  at.gateway.latest.welcome({ expires_at: in60s, heartbeat_ms: 100_000 });
  await at.advance(58_000);
  expect(at.gateway.latest.asked('auth')).toEqual([{ token: 't1' }, { token: 't3' }]);
});

test('when the token expired all the same, it comes back with a fresh one', async () => {
  at.again({ token: counting() });
  await at.watchLive(A);
  at.gateway.latest.drop(4003);
  await at.advance(300);
  at.gateway.latest.open();
  expect(at.gateway.latest.sent).toEqual([{ type: 'auth', payload: { token: 't2' } }]);
});

test('a token that comes too late is not said on the next connection', async () => {
  let answer = (_: string): void => undefined;
  let asked = 0;
  at.again({
    token: () => {
      asked += 1;
      if (asked !== 2) return `t${asked}`;
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    },
  });
  at.client.watch(A);
  await at.advance(0);
  at.gateway.latest.open();
  at.gateway.latest.welcome({ expires_at: in60s, heartbeat_ms: 100_000 });
  await at.advance(45_000);
  at.gateway.latest.drop();
  await at.advance(300);
  at.gateway.latest.open();
  at.gateway.latest.welcome();
  answer('late');
  await at.advance(0);
  expect(at.gateway.latest.asked('auth')).toEqual([{ token: 't3' }]);
});
