import { pino } from 'pino';
import { createOutage, isTransient, watchCalls } from './outage.ts';

const refused = Object.assign(new Error('the database cannot be reached', { cause: new Error('refused') }), {
  retryable: true,
});

function createScene() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (text: string) => void lines.push(JSON.parse(text)) });
  let now = 1_000_000;
  const outage = createOutage({ log, what: 'postgres', nowMs: () => now });
  return {
    outage,
    lines,
    said: () => lines.map(({ msg }) => msg),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('an outage is one line at once, one a minute with since when and how often, and one at its end', () => {
  const { outage, lines, said, pass } = createScene();
  for (let second = 0; second < 150; second += 1) {
    outage.failed(refused);
    pass(1_000);
  }
  expect(said()).toEqual(Array(3).fill('postgres is away; trying on'));
  expect(lines.map(({ failures, away_ms }) => [failures, away_ms])).toEqual([
    [1, 0],
    [61, 60_000],
    [121, 120_000],
  ]);
  expect(lines[0]).toMatchObject({ reason: 'the database cannot be reached: refused' });
  expect(Date.now() - Date.parse(String(lines[2]?.since))).toBeGreaterThanOrEqual(120_000);
  expect(JSON.stringify(lines)).not.toContain('.ts:');
  outage.worked();
  outage.worked();
  expect(said().slice(3)).toEqual(['postgres is back']);
  expect(lines[3]).toMatchObject({ failures: 150, away_ms: 150_000 });
});

test('what works from the start on is not worth a line', () => {
  const { outage, lines } = createScene();
  outage.worked();
  expect(lines).toEqual([]);
  expect(() => outage.assertThere()).not.toThrow();
});

test('the next outage is told at once again', () => {
  const { outage, said, pass } = createScene();
  outage.failed(refused);
  outage.worked();
  pass(5_000);
  outage.failed(refused);
  expect(said()).toEqual(['postgres is away; trying on', 'postgres is back', 'postgres is away; trying on']);
});

test('a neighbour that comes and goes is one outage: two lines a minute at most', () => {
  const { outage, lines, pass } = createScene();
  for (let turn = 0; turn < 600; turn += 1) {
    outage.failed(refused);
    outage.worked();
    pass(100);
  }
  expect(lines).toHaveLength(2);
});

test('whoever asks is told that it is away, and why', () => {
  const { outage } = createScene();
  outage.failed(new Error('', { cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }) }));
  expect(() => outage.assertThere()).toThrow('ECONNREFUSED');
  outage.worked();
  expect(() => outage.assertThere()).not.toThrow();
});

describe('calls that are watched', () => {
  test('give what they gave, and are called on their own object', async () => {
    const { outage } = createScene();
    class Store {
      readonly #jobs = 7;
      readonly name = 'ledger';
      count = async (plus: number) => this.#jobs + plus;
      fail = () => Promise.reject(refused);
    }
    const store = watchCalls(new Store(), outage);
    expect(store.name).toBe('ledger');
    expect(await store.count(1)).toBe(8);
    await expect(store.fail()).rejects.toBe(refused);
  });

  test('are watched, too, on an object that a call answers with', async () => {
    const { outage, said } = createScene();
    const store = watchCalls({ as: () => ({ ping: () => Promise.reject(refused) }) }, outage);
    await expect(store.as().ping()).rejects.toBe(refused);
    expect(said()).toEqual(['postgres is away; trying on']);
  });

  test('tell of the outage and of its end; a refusal comes from a neighbour that is there', async () => {
    const { outage, said } = createScene();
    let answer: () => Promise<void> = () => Promise.reject(refused);
    const store = watchCalls({ ping: () => answer() }, outage);
    await expect(store.ping()).rejects.toBe(refused);
    expect(said()).toEqual(['postgres is away; trying on']);
    answer = () => Promise.reject(new Error('no such job'));
    await expect(store.ping()).rejects.toThrow('no such job');
    expect(said()).toEqual(['postgres is away; trying on', 'postgres is back']);
  });

  test('a call from before the outage that ends well does not end it', async () => {
    const { outage, said } = createScene();
    let end = () => {};
    const early = outage.watch(() => new Promise<void>((resolve) => (end = resolve)));
    outage.failed(refused);
    end();
    await early;
    expect(said()).toEqual(['postgres is away; trying on']);
    await outage.watch(async () => {});
    expect(said()).toHaveLength(2);
  });
});

test('only an error that says so is transient', () => {
  expect([refused, new Error('x'), { retryable: true }, undefined].map(isTransient)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
