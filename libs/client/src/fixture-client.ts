import { connect } from './connect.ts';
import { short } from './fake-events.ts';
import { FakeGateway } from './fake-gateway.ts';
import type { ConnectOptions, ProgenyClient } from './progeny-client.ts';
import type { Watch } from './watch.ts';

export const GATEWAY_URL = 'ws://gateway/ws';

/** A client, its gateway and a clock that a test holds. */
export interface ClientFixture {
  gateway: FakeGateway;
  client: ProgenyClient;
  advance(ms: number): Promise<void>;
  /** Watches one job over a live connection; what it hears goes into the answer. */
  watchLive(jobId: string): Promise<{ watch: Watch; heard: string[] }>;
  status(): string;
  /** Another client in the place of the first. */
  again(options: Partial<ConnectOptions>): void;
}

export function useClientFixture(options: Partial<ConnectOptions> = {}): ClientFixture {
  const fixture = {
    advance: (ms: number) => jest.advanceTimersByTimeAsync(ms),
    status: () => fixture.client.state.status,
    again(more: Partial<ConnectOptions>) {
      fixture.client?.close();
      fixture.gateway = new FakeGateway();
      const { WebSocket, fetch } = fixture.gateway;
      fixture.client = connect({
        url: GATEWAY_URL,
        apiUrl: '',
        random: () => 0.5,
        WebSocket,
        fetch,
        ...options,
        ...more,
      });
    },
    async watchLive(jobId: string) {
      const heard: string[] = [];
      const watch = fixture.client.watch(jobId, (event) => heard.push(short(event)));
      await fixture.advance(0);
      fixture.gateway.latest.open();
      fixture.gateway.latest.welcome();
      return { watch, heard };
    },
  } as ClientFixture;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    fixture.again({});
  });
  afterEach(() => {
    fixture.client.close();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
  return fixture;
}
