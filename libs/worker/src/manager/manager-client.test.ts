import { BusError, type BusState, createMemoryEventBus, type EventBus } from '@progeny/event-bus';
import { createLog } from '@progeny/kit';
import { type AskedEndpoint, createManagerClient } from './manager-client.ts';

const REPLY = { children: [], parents: {} };
const claim = { worker_id: 'w', job_types: ['page'], limit: 1 };
type Ask = (endpoint: AskedEndpoint) => Promise<typeof REPLY>;

/** A manager that each way reaches or not, as the test says. */
function createScene() {
  const said: string[] = [];
  const log = createLog({
    service: 'test',
    level: 'info',
    write: (line) => void said.push(JSON.parse(line).msg),
  });
  const ways = { bus: async () => REPLY, http: async () => REPLY } as Record<'bus' | 'http', Ask>;
  const asked: string[] = [];
  const by = (way: 'bus' | 'http') =>
    ((endpoint: AskedEndpoint) => {
      asked.push(way);
      return ways[way](endpoint);
    }) as unknown as EventBus['request'];
  let state: BusState = 'connected';
  const bus = { ...createMemoryEventBus(), request: by('bus') };
  Object.defineProperty(bus, 'state', { get: () => state });
  const client = createManagerClient({ bus, http: { request: by('http'), close() {} }, log });
  return {
    client,
    said,
    ways,
    /** How the next request went. */
    async way() {
      asked.length = 0;
      await client.request('claim', claim);
      return [...asked];
    },
    setState: (next: BusState) => {
      state = next;
    },
  };
}

const fail = (code: BusError['code']) => () => Promise.reject(new BusError(code, code));

test('it asks over the bus, and over HTTP while that is away or nobody answers on it', async () => {
  const { way, said, ways, setState } = createScene();
  expect(await way()).toEqual(['bus']);
  setState('reconnecting');
  expect(await way()).toEqual(['http']);
  setState('connected');
  ways.bus = fail('no_responder');
  expect(await way()).toEqual(['bus', 'http']);
  expect(await way()).toEqual(['bus', 'http']);
  expect(said).toEqual(['the manager is asked over HTTP: it does not answer on the bus']);
  ways.bus = async () => REPLY;
  expect(await way()).toEqual(['bus']);
  expect(await way()).toEqual(['bus']);
  expect(said.slice(1)).toEqual(['the manager answers on the bus again']);
});

test.each(['timeout', 'remote_failed', 'invalid_request', 'unavailable'] as const)(
  'a request that somebody has is not sent twice: %s',
  async (code) => {
    const { client, ways } = createScene();
    let isHttpAsked = false;
    ways.bus = fail(code);
    ways.http = async () => {
      isHttpAsked = true;
      return REPLY;
    };
    await expect(client.request('claim', claim)).rejects.toMatchObject({ code });
    expect(isHttpAsked).toBe(false);
  },
);

test('a manager that neither way reaches is told once, and readiness says so', async () => {
  const { client, ways, said } = createScene();
  ways.bus = fail('no_responder');
  ways.http = fail('unavailable');
  for (let time = 0; time < 5; time += 1) await client.request('claim', claim).catch(() => {});
  expect(said).toEqual(['manager is away; trying on']);
  expect(() => client.assertThere()).toThrow('unavailable');
  ways.bus = async () => REPLY;
  await client.request('claim', claim);
  expect(said.slice(1)).toEqual(['manager is back']);
  client.assertThere();
});

describe('an answer that comes late', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test.each([
    ['the answer', () => Promise.resolve(REPLY), REPLY],
    ['null, when none came', fail('timeout'), null],
  ])('is told after all: %s', async (_what, end, expected) => {
    const { client, ways } = createScene();
    let proceed = () => {};
    ways.bus = () => new Promise<void>((resolve) => (proceed = resolve)).then(end);
    const ends: unknown[] = [];
    const late = { forMs: 60_000, onEnd: (reply: unknown) => void ends.push(reply) };
    const asked = client.request('claim', claim, { timeoutMs: 5_000, late });
    const given = expect(asked).rejects.toMatchObject({ code: 'timeout' });
    await jest.advanceTimersByTimeAsync(5_000);
    await given;
    expect(ends).toEqual([]);
    proceed();
    await jest.advanceTimersByTimeAsync(0);
    expect(ends).toEqual([expected]);
  });

  test('in time is just the answer', async () => {
    const { client } = createScene();
    const ends: unknown[] = [];
    const late = { forMs: 60_000, onEnd: (reply: unknown) => void ends.push(reply) };
    expect(await client.request('claim', claim, { timeoutMs: 5_000, late })).toEqual(REPLY);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(ends).toEqual([]);
  });
});
