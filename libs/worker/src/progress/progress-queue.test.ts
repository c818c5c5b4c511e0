import type { WorkerRequest } from '@progeny/contract';
import { BusError } from '@progeny/event-bus';
import { createLog } from '@progeny/kit';
import type { ManagerClient } from '../manager/manager-client.ts';
import { createProgressQueue, type Teller } from './progress-queue.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

type Reports = WorkerRequest<'progress'>['reports'];

/** A manager of which `answer` decides what becomes of each request. */
function setUp(answer: () => Promise<void> = async () => {}) {
  const sent: Reports[] = [];
  const lines: string[] = [];
  const request = (async (_: unknown, { reports }: { reports: Reports }) => {
    sent.push(structuredClone(reports));
    await answer();
    return { outcomes: reports.map(() => 'applied') };
  }) as unknown as ManagerClient['request'];
  const counters = { told: 0, ignored: 0, progressSent: 0, progressLost: 0, handlersLeft: 0 };
  const log = createLog({ service: 'test', level: 'info', write: (line) => void lines.push(line) });
  const queue = createProgressQueue({ manager: { request }, log, counters });
  const open = (job_id: string, attempt = 1): Teller => queue.open({ job_id, attempt });
  return { queue, open, sent, counters, lines };
}

const window = () => jest.advanceTimersByTimeAsync(100);
const started = { event: 'pipeline_started' };

test('what is told in a window goes together: of a job the last progress and all its steps', async () => {
  const { open, sent, counters } = setUp();
  const [a, b] = [open('a'), open('b')];
  a.progress(10, 'fetching', 'Reading');
  a.emit(started);
  b.progress(10, 'fetching');
  a.progress(40.4, 'parsing');
  a.emit({ event: 'page_started', page_index: 0 });
  expect(sent).toEqual([]);
  await window();
  expect(sent).toEqual([
    [
      { job_id: 'a', attempt: 1, progress: 40, stage: 'parsing', label: '' },
      { job_id: 'a', attempt: 1, events: [started, { event: 'page_started', page_index: 0 }] },
      { job_id: 'b', attempt: 1, progress: 10, stage: 'fetching', label: '' },
    ],
  ]);
  await window();
  expect(sent).toHaveLength(1);
  expect(counters).toMatchObject({ told: 5, ignored: 0, progressSent: 3, progressLost: 0 });
});

test('a thousand calls a second of one job are ten messages', async () => {
  const { open, sent } = setUp();
  const job = open('a');
  for (let call = 0; call < 1_000; call += 1) {
    job.progress(call / 10, 'working');
    await jest.advanceTimersByTimeAsync(1);
  }
  await window();
  expect(sent.length).toBeGreaterThanOrEqual(9);
  expect(sent.length).toBeLessThanOrEqual(11);
  expect(sent.at(-1)).toEqual([{ job_id: 'a', attempt: 1, progress: 100, stage: 'working', label: '' }]);
});

test('of a job that is over the percentage is let go, and its steps are sent', async () => {
  const { open, sent, counters } = setUp();
  const [a, b] = [open('a'), open('b')];
  a.progress(80, 'storing');
  a.emit(started);
  b.progress(80, 'storing');
  for (const job of [a, b]) job.close();
  a.emit(started);
  await window();
  expect(sent).toEqual([[{ job_id: 'a', attempt: 1, events: [started] }]]);
  expect(counters).toMatchObject({ told: 4, ignored: 1 });
});

test('of a job that is lost nothing is sent, nor of an earlier attempt', async () => {
  const { open, sent, queue } = setUp();
  open('a').emit(started);
  queue.forget('a');
  open('b', 1).progress(10, 'fetching');
  const second = open('b', 2);
  second.progress(40, 'parsing');
  open('b', 1).close();
  await window();
  expect(sent).toEqual([[{ job_id: 'b', attempt: 2, progress: 40, stage: 'parsing', label: '' }]]);
});

test.each<[string, (job: Teller) => void]>([
  ['a percentage that is none', (job) => job.progress(Number.NaN, 'x')],
  ['a percentage in words', (job) => job.progress('10', 'x')],
  ['a step that there is not', (job) => job.emit({ event: 'coffee' })],
  ['a step without what it needs', (job) => job.emit({ event: 'page_done' })],
  ['nothing', (job) => job.emit(undefined)],
  ['a detail that is a loop', (job) => job.emit({ ...started, detail: loop() })],
  ['a detail that is too large', (job) => job.emit({ ...started, detail: { text: 'x'.repeat(5_000) } })],
  ['what cannot be read', (job) => job.emit(new Proxy({}, { get: () => Object.keys(null as never) }))],
])('%s is ignored, and nothing is thrown', async (_, tell) => {
  const { open, sent, counters } = setUp();
  tell(open('a'));
  await window();
  expect(sent).toEqual([]);
  expect(counters).toMatchObject({ told: 1, ignored: 1 });
});

function loop() {
  const detail: Record<string, unknown> = {};
  detail.self = detail;
  return detail;
}

test('what is too much is cut to what may be', async () => {
  const { open, sent } = setUp();
  open('a').progress(1_000, 'x'.repeat(100), 'y'.repeat(300));
  open('b').progress(-5, '');
  await window();
  expect(sent[0]).toEqual([
    { job_id: 'a', attempt: 1, progress: 100, stage: 'x'.repeat(64), label: 'y'.repeat(200) },
    { job_id: 'b', attempt: 1, progress: 0, label: '' },
  ]);
});

test('a step is as it was when it was told, and the newest 200 are kept', async () => {
  const { open, sent, counters } = setUp();
  const job = open('a');
  const detail = { n: 1 };
  for (let index = 0; index < 250; index += 1) job.emit({ event: 'page_started', page_index: index, detail });
  detail.n = 2;
  await window();
  const events = sent[0]?.[0]?.events ?? [];
  expect(events).toHaveLength(200);
  expect(events[0]).toEqual({ event: 'page_started', page_index: 50, detail: { n: 1 } });
  expect(counters.ignored).toBe(50);
});

test('a request holds no more jobs and no more bytes than it may', async () => {
  const { open, sent } = setUp();
  for (let job = 0; job < 600; job += 1) open(`many-${job}`).progress(10, 'x');
  const detail = { text: 'x'.repeat(4_000) };
  for (let job = 0; job < 3; job += 1) {
    const heavy = open(`heavy-${job}`);
    for (let step = 0; step < 200; step += 1) heavy.emit({ ...started, detail });
  }
  await window();
  expect(sent.flat()).toHaveLength(603);
  for (const reports of sent) {
    expect(reports.length).toBeLessThanOrEqual(500);
    expect(JSON.stringify(reports).length).toBeLessThan(1_000_000);
  }
});

test('while a request is under way the next waits, and takes along what was told meanwhile', async () => {
  let proceed = () => {};
  const { open, sent } = setUp(() => new Promise((resolve) => (proceed = resolve)));
  const job = open('a');
  job.progress(10, 'x');
  await window();
  for (const percent of [20, 30]) {
    job.progress(percent, 'x');
    await window();
  }
  expect(sent).toHaveLength(1);
  proceed();
  await window();
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatchObject([{ progress: 30 }]);
});

test('while the manager is away what was told is counted and dropped, without a line of its own', async () => {
  const { open, sent, counters, lines } = setUp(() => Promise.reject(new BusError('unavailable', 'away')));
  const job = open('a');
  job.progress(10, 'x');
  await window();
  job.progress(20, 'x');
  await window();
  expect(sent).toHaveLength(2);
  expect(counters).toMatchObject({ progressSent: 0, progressLost: 2 });
  expect(lines).toEqual([]);
});

test('a manager that refuses it is told of once', async () => {
  const { open, lines } = setUp(() => Promise.reject(new BusError('remote_failed', 'broken')));
  const job = open('a');
  for (let time = 0; time < 5; time += 1) {
    job.progress(time, 'x');
    await window();
  }
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['progress was lost']);
});

test('a stop sends what is there, and waits for no manager that says nothing', async () => {
  const { open, sent, queue } = setUp(() => new Promise(() => {}));
  open('a').emit(started);
  const stopped = queue.stop();
  await jest.advanceTimersByTimeAsync(0);
  expect(sent).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(1_000);
  await stopped;
  open('b').emit(started);
  await window();
  expect(sent).toHaveLength(1);
});
