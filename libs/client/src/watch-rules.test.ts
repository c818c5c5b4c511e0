import fc from 'fast-check';
import { connect } from './connect.ts';
import { A, completedOf, short, startedOf, stateOf } from './fake-events.ts';
import { FakeGateway, type FakeSocket } from './fake-gateway.ts';
import type { ConnectOptions } from './progeny-client.ts';
import { isTerminal, type JobEvent } from './wire.ts';

/** What happened to one job, in the order in which it did; the gateway tells of it as badly as it likes. */
const ONE_RUN: readonly JobEvent[] = [
  stateOf(A, 1),
  startedOf(A, 1),
  stateOf(A, 2),
  startedOf(A, 2),
  stateOf(A, 3),
  stateOf(A, 4, 'completed'),
  completedOf(A, 3),
];
const TWO_RUNS: readonly JobEvent[] = [
  ...ONE_RUN,
  startedOf(A, 4),
  stateOf(A, 5),
  stateOf(A, 6, 'completed'),
  completedOf(A, 5),
];

const seqsUpTo = (history: readonly JobEvent[], index: number) =>
  history.slice(0, index + 1).filter(({ type }) => type !== 'parent_job_progress');
const stateAt = (history: readonly JobEvent[], index: number) =>
  history.slice(0, index + 1).findLast(({ type }) => type === 'parent_job_progress') as JobEvent;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('say' as const), index: fc.nat(TWO_RUNS.length - 1) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'happen' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), replays: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('lose' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

/** The gateway's side: how far history is, and what a subscription is answered with. */
function createWorld(gateway: FakeGateway, history: readonly JobEvent[]) {
  let now = 0;
  let answered = 0;
  const socket = (): FakeSocket => gateway.latest;
  const say = (index: number) => socket().say(history[index] as JobEvent);

  /** Answers what was asked since, as the protocol says: snapshot, then the replay, if there is one. */
  const answer = (replays: boolean) => {
    const asked = socket().asked('subscribe') as { after_seq?: Record<string, number> }[];
    for (; answered < asked.length; answered += 1) {
      const after = asked[answered]?.after_seq?.[A];
      const lifecycle = seqsUpTo(history, now);
      const recovered = replays && after !== undefined;
      socket().subscribed(A, lifecycle.length, recovered);
      socket().say(stateAt(history, now));
      if (recovered) for (const event of lifecycle.slice(after)) socket().say(event);
    }
  };
  return {
    get isOver() {
      return now === history.length - 1;
    },
    say: (index: number) => say(Math.min(index, now)),
    happen(isTold: boolean) {
      const before = now;
      now = Math.min(before + 1, history.length - 1);
      // The last state and the event of the end are recorded together, as are a start and the state that goes on.
      const next = history[now + 1];
      const isOneStep = next && (isTerminal(next) || history[before]?.type === 'JOB_COMPLETED');
      if (isOneStep) now += 1;
      if (isTold) for (let index = before + 1; index <= now; index += 1) say(index);
    },
    answer,
    dialled() {
      answered = 0;
      socket().welcome();
    },
  };
}

async function run(steps: readonly Step[], acrossRuns: boolean): Promise<JobEvent[]> {
  const gateway = new FakeGateway();
  const { WebSocket, fetch } = gateway;
  const options: ConnectOptions = { url: 'ws://gateway/ws', random: () => 0, WebSocket, fetch };
  const client = connect(options);
  const heard: JobEvent[] = [];
  const watch = client.watch(A, (event) => heard.push(event), { acrossRuns });
  const world = createWorld(gateway, acrossRuns ? TWO_RUNS : ONE_RUN);
  await jest.advanceTimersByTimeAsync(0);
  world.dialled();
  world.answer(false);

  const take = async (each: Step) => {
    if (each.kind === 'say') world.say(each.index);
    if (each.kind === 'happen') world.happen(true);
    if (each.kind === 'lose') for (let left = each.count; left > 0; left -= 1) world.happen(false);
    if (each.kind === 'cut') {
      gateway.latest.drop();
      await jest.advanceTimersByTimeAsync(0);
      world.dialled();
    }
    await jest.advanceTimersByTimeAsync(300);
    if (watch.state === 'watching') world.answer(each.kind === 'cut' ? each.replays : true);
    await jest.advanceTimersByTimeAsync(0);
  };
  for (const each of steps) if (watch.state === 'watching') await take(each);
  while (!world.isOver && watch.state === 'watching') await take({ kind: 'happen' });
  if (watch.state === 'watching') await take({ kind: 'cut', replays: true });
  expect(watch.state).toBe(acrossRuns ? 'watching' : 'ended');
  client.close();
  return heard;
}

const rising = (numbers: readonly number[]) =>
  numbers.every((each, index) => index === 0 || each > (numbers[index - 1] as number));

beforeEach(() => jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] }));
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('whatever is doubled, late, lost or cut, what a watcher hears keeps the rules and ends with the job', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const heard = await run(steps, false);
      const told = heard.map(short);
      const life = heard.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []));
      const versions = heard.flatMap(({ payload }) => ('version' in payload ? [payload.version] : []));
      expect(rising(versions)).toBe(true);
      expect(rising(life)).toBe(true);
      // Only a cut whose answer was no replay may lose lifecycle events.
      const lossless = steps.every((each) => each.kind !== 'cut' || each.replays);
      if (lossless) expect(life).toEqual([1, 2, 3].slice(3 - life.length));
      if (lossless) expect(told.at(-1)).toBe(life.length > 0 ? 'E3' : 'P4');
      expect(versions.at(-1)).toBe(4);
      const end = heard.findIndex(isTerminal);
      if (end !== -1) expect(end).toBe(heard.length - 1);
    }),
    { numRuns: 300 },
  );
}, 120_000);

test('and over a retry: every event of both runs, versions that rise, and the last state', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 18 }), async (steps) => {
      const heard = await run(steps, true);
      const life = heard.flatMap(({ payload }) => ('seq' in payload ? [payload.seq] : []));
      const versions = heard.flatMap(({ payload }) => ('version' in payload ? [payload.version] : []));
      expect(rising(versions)).toBe(true);
      expect(rising(life)).toBe(true);
      expect(versions.at(-1)).toBe(6);
      const lossless = steps.every((each) => each.kind !== 'cut' || each.replays);
      if (lossless) expect(life).toEqual([1, 2, 3, 4, 5].slice(5 - life.length));
    }),
    { numRuns: 300 },
  );
}, 120_000);
