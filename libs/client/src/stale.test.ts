import { A, progressOf } from './fake-events.ts';
import { useClientFixture } from './fixture-client.ts';

const at = useClientFixture();

describe('stale', () => {
  test('when nothing is reached for a while it says so, and since when; and recovers with either', async () => {
    at.gateway.api = null;
    await at.watchLive(A);
    at.gateway.latest.drop();
    const lostAt = Date.now();
    await at.advance(14_900);
    expect(at.client.state).toEqual({ status: 'reconnecting', since: lostAt });
    await at.advance(100);
    expect(at.client.state).toEqual({ status: 'stale', since: lostAt });
    expect(at.client.getSnapshot().state).toBe(at.client.state);
    at.gateway.api = { [`/v1/jobs/${A}/progress`]: progressOf(A, 2) };
    await at.advance(5_000);
    expect(at.status()).toBe('polling');
    at.gateway.api = null;
    await at.advance(5_000);
    expect(at.status()).toBe('reconnecting');
    await at.advance(15_000);
    expect(at.status()).toBe('stale');
    at.gateway.latest.welcome();
    expect(at.status()).toBe('live');
  });
});
