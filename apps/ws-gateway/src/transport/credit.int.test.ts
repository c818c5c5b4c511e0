import { CloseCode, LIMITS } from '@progeny/contract';
import { brief, jobId, jobProgress, large, lifecycle, progress } from '../testing/events.ts';
import { createGatewayScene, type GatewayScene } from '../testing/gateway-scene.ts';
import type { RawSocket } from '../testing/raw-socket.ts';
import { pass, stopTime } from '../testing/stopped-time.ts';

const UPDATES_PER_SECOND = 50;
/** Of a reader that comes back. */
const STALE_MAX = 2;

let scene: GatewayScene;
let version: number;

beforeEach(async () => {
  stopTime();
  version = 0;
  scene = await createGatewayScene();
});

afterEach(async () => {
  jest.useRealTimers();
  await scene.close();
});

/** Updates of one job pass, fifty a second. */
async function updatesPass(seconds: number): Promise<void> {
  for (let count = 0; count < seconds * UPDATES_PER_SECOND; count += 1) {
    version += 1;
    scene.publish(progress(version));
    await pass(1_000 / UPDATES_PER_SECOND);
  }
  // The last one has its turn at last.
  await pass(2_000 / LIMITS.progressPerSecond);
}

const versionsIn = ({ messages }: RawSocket) =>
  messages.flatMap((message) => (message.type === 'parent_job_progress' ? [message.payload.version] : []));

const welcomed = async (answersPings: boolean) => {
  const reader = await scene.raw({ answersPings });
  await reader.until(() => reader.messages.length === 1);
  return reader;
};

test('a reader that answers no ping gets two flushes, and once it answers the present', async () => {
  const reader = await welcomed(false);
  await updatesPass(20);
  expect(versionsIn(reader)).toHaveLength(LIMITS.unansweredFlushes);
  expect(reader.pings).toHaveLength(1);
  for (const ping of reader.pings) reader.pong(ping);
  await reader.until(() => versionsIn(reader).includes(version));
  expect(versionsIn(reader)).toHaveLength(LIMITS.unansweredFlushes + 1);
});

test('each flush that is answered lets the newest through, and nothing in between', async () => {
  const reader = await welcomed(false);
  await updatesPass(2);
  let answered = 0;
  for (let round = 0; round < 5; round += 1) {
    const before = versionsIn(reader).length;
    for (; answered < reader.pings.length; answered += 1)
      reader.pong(reader.pings[answered] ?? Buffer.alloc(0));
    await reader.until(() => versionsIn(reader).length > before);
    expect(versionsIn(reader).at(-1)).toBe(version);
    await updatesPass(2);
    expect(versionsIn(reader).length - before).toBeLessThanOrEqual(1 + LIMITS.unansweredFlushes);
  }
});

test.each([
  ['finds at most two stale frames of a job, if it answers pings as it reads', true],
  // As if there were no credit: pongs of somebody who has not read what came before them.
  ['finds hundreds, if it answers pings without reading on', false],
])('a reader that comes back from standing still %s', async (_, isHonest) => {
  const reader = await welcomed(true);
  if (isHonest) reader.tcp.pause();
  const before = versionsIn(reader).length;
  await updatesPass(20);
  const last = version;
  const unread = versionsIn(reader).slice(before);
  reader.tcp.resume();
  await reader.until(() => versionsIn(reader).includes(last));
  const all = versionsIn(reader).slice(before);
  expect(all.at(-1)).toBe(last);
  if (isHonest) {
    expect(unread).toEqual([]);
    expect(all.length - 1).toBeLessThanOrEqual(STALE_MAX);
  } else expect(all.length - 1).toBeGreaterThan(50 * STALE_MAX);
});

test('of those who read the same updates half are asked with each, so that their answers do not come all at once', async () => {
  const readers = await Promise.all(Array.from({ length: 10 }, () => welcomed(true)));
  for (const update of [1, 2, 3, 4]) {
    await updatesPass(1 / UPDATES_PER_SECOND);
    for (const reader of readers) await reader.until(() => versionsIn(reader).includes(version));
    expect(readers.reduce((asked, { pings }) => asked + pings.length, 0)).toBe((update * readers.length) / 2);
  }
});

test('what must not be left out comes all the same, behind what is held of its own job alone', async () => {
  const reader = await welcomed(false);
  const [mine, other] = [jobId(1), jobId(2)];
  for (let turn = 1; turn <= 5; turn += 1) {
    scene.publish(
      progress(turn, { id: mine }),
      progress(turn, { id: other }),
      jobProgress(turn, { id: mine }),
    );
    await pass(200);
  }
  const held = reader.messages.length;
  scene.publish(lifecycle(1, { id: mine }));
  await reader.until(() => reader.messages.at(-1)?.type === 'JOB_STARTED');
  const told = reader.messages.slice(held).map(brief);
  expect([told.slice(0, 2).sort(), told.slice(2)]).toEqual([['p5', 'v5'], ['JOB_STARTED 1']]);
  for (const ping of [...reader.pings]) reader.pong(ping);
  await reader.until(() => reader.messages.length > held + 3);
  expect(reader.messages.slice(held + 3).map((message) => [brief(message), message.payload])).toEqual([
    ['v5', progress(5, { id: other }).payload],
  ]);
});

test('one encoding is made of an update, whoever reads it', async () => {
  const readers = await Promise.all(Array.from({ length: 10 }, () => welcomed(true)));
  const stringify = jest.spyOn(JSON, 'stringify');
  const id = jobId(77);
  scene.publish(progress(1, { id }), lifecycle(1, { id }));
  for (const reader of readers) await reader.until(() => reader.messages.length === 3);
  const encoded = stringify.mock.calls.filter(
    ([value]) => value instanceof Object && value.payload?.job_id === id && 'type' in value,
  );
  stringify.mockRestore();
  // Once for the bus, once for all readers.
  expect(encoded).toHaveLength(2 * 2);
});

test('a reader beyond its bound of what must not be left out is closed as too slow', async () => {
  const [reader, witness] = [await welcomed(false), await scene.connect()];
  reader.tcp.pause();
  let isClosed = false;
  void reader.closed.then(() => {
    isClosed = true;
  });
  for (let seq = 1; seq <= 300; seq += 1) {
    scene.publish(large(seq));
    await witness.next('JOB_STARTED');
  }
  expect(isClosed).toBe(false);
  reader.tcp.resume();
  expect(await reader.closed).toBe(CloseCode.SlowConsumer);
});

test('a reader that answers no ping for the time for it is closed, however much it gets', async () => {
  const reader = await welcomed(false);
  let code: number | null = null;
  void reader.closed.then((closed) => {
    code = closed;
  });
  await updatesPass(1);
  for (let ms = 0; ms < LIMITS.wsPongSeconds * 1_000 - 2_000; ms += 500) {
    await pass(500);
    if (ms === 10_000) scene.publish(lifecycle(1));
  }
  expect(code).toBeNull();
  for (let ms = 0; ms < 20_000; ms += 500) await pass(500);
  expect(await reader.closed).toBe(CloseCode.HeartbeatLost);
});
