import { randomUUID } from 'node:crypto';
import type { WorkerReport } from '@progeny/contract';
import { BusError } from '@progeny/event-bus';
import { createLog } from '@progeny/kit';
import type { ManagerClient } from '../manager/manager-client.ts';
import { createReportQueue } from './report-queue.ts';

const log = createLog({ service: 'test', level: 'silent' });
const report = (text = ''): WorkerReport => ({
  job_id: randomUUID(),
  attempt: 1,
  status: 'completed',
  retryable: false,
  text,
  children: [],
});

/** A manager of which `answer` decides what becomes of each batch. */
function setUp(answer: (jobIds: string[]) => Promise<void> = async () => {}) {
  const batches: string[][] = [];
  const request = (async (_: unknown, { reports }: { reports: WorkerReport[] }) => {
    const jobIds = reports.map(({ job_id }) => job_id);
    batches.push(jobIds);
    await answer(jobIds);
    return {
      reports: jobIds.map((job_id) => ({ job_id, outcome: 'applied', status: 'completed', attempt: 1 })),
    };
  }) as ManagerClient['request'];
  const answered: string[] = [];
  const queue = createReportQueue({
    manager: { request },
    log,
    onAnswers: (answers) => answered.push(...answers.map(({ job_id }) => job_id)),
  });
  return { queue, batches, answered };
}

test('what comes together goes together', async () => {
  const { queue, batches, answered } = setUp();
  const reports = Array.from({ length: 250 }, () => report());
  for (const one of reports) queue.add(one);
  expect(await queue.drain(1_000)).toEqual([]);
  expect(batches.map((batch) => batch.length)).toEqual([100, 100, 50]);
  expect(answered).toEqual(reports.map(({ job_id }) => job_id));
});

test('a batch fits into one message', async () => {
  const { queue, batches } = setUp();
  for (let count = 0; count < 6; count += 1) queue.add(report('x'.repeat(190_000)));
  await queue.drain(1_000);
  expect(batches.map((batch) => batch.length)).toEqual([4, 2]);
});

test('what could not be sent is sent again, and nothing is lost', async () => {
  let failures = 2;
  const { queue, answered } = setUp(async () => {
    failures -= 1;
    if (failures >= 0) throw new BusError('no_responder', 'nobody');
  });
  const reports = Array.from({ length: 20 }, () => report());
  for (const one of reports) queue.add(one);
  expect(await queue.drain(5_000)).toEqual([]);
  expect([...answered].sort()).toEqual(reports.map(({ job_id }) => job_id).sort());
});

test('a report that is refused is given up, the others get through', async () => {
  const bad = report();
  const good = Array.from({ length: 5 }, () => report());
  const { queue, answered } = setUp(async (jobIds) => {
    if (jobIds.includes(bad.job_id)) throw new BusError('invalid_request', 'no');
  });
  for (const one of [bad, ...good]) queue.add(one);
  expect(await queue.drain(5_000)).toEqual([]);
  expect([...answered].sort()).toEqual(good.map(({ job_id }) => job_id).sort());
});

test('a report that is taken back is not sent', async () => {
  const { queue, batches } = setUp();
  const [first, second] = [report(), report()];
  queue.add(first);
  queue.add(second);
  queue.forget(first.job_id);
  await queue.drain(1_000);
  expect(batches).toEqual([[second.job_id]]);
});

test('draining ends in time and says what is left', async () => {
  const { queue } = setUp(() => Promise.reject(new BusError('unavailable', 'away')));
  const one = report();
  queue.add(one);
  expect(await queue.drain(50)).toEqual([one]);
  expect(queue.waiting).toEqual([one]);
});
