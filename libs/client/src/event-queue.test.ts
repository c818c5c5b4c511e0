import fc from 'fast-check';
import { createEventQueue } from './event-queue.ts';
import { A, completedOf, failedOf, jobProgressOf, short, startedOf, stateOf, stepOf } from './fake-events.ts';
import type { JobEvent } from './wire.ts';

const JOBS = ['a', 'b', 'c'];
const step = fc.oneof(
  fc.constant('take' as const),
  fc.record({ jobId: fc.constantFrom(...JOBS), kind: fc.constantFrom('state', 'progress', 'life') }),
);
const isLife = ({ type }: JobEvent) => type === 'JOB_STARTED' || type === 'JOB_COMPLETED';

/** What one kind of one job read; the numbers stand for the order in which they were put. */
const readOf = (read: JobEvent[], put: JobEvent[], jobId: string) =>
  read.filter(({ payload }) => payload.job_id === jobId).map((event) => put.indexOf(event));

test('however slow the reader, it gets every lifecycle event and the last progress, of each job in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const queue = createEventQueue();
      const put: JobEvent[] = [];
      const read: JobEvent[] = [];
      const take = () => {
        const event = queue.take();
        if (event) read.push(event);
        return event;
      };
      for (const [index, each] of steps.entries()) {
        if (each === 'take') {
          take();
          continue;
        }
        const { jobId, kind } = each;
        const number = index + 1;
        const event =
          kind === 'state'
            ? stateOf(jobId, number)
            : kind === 'progress'
              ? jobProgressOf(jobId, number)
              : startedOf(jobId, number);
        put.push(event);
        queue.put(event);
      }
      while (take());
      expect(read.filter(isLife)).toHaveLength(put.filter(isLife).length);
      for (const jobId of JOBS) {
        for (const type of ['parent_job_progress', 'JOB_PROGRESS']) {
          const last = put.findLast((event) => event.type === type && event.payload.job_id === jobId);
          if (last) expect(read).toContain(last);
          // Progress of one kind and lifecycle never pass each other.
          const order = readOf(
            read.filter((event) => event.type === type || isLife(event)),
            put,
            jobId,
          );
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }
    }),
  );
});

test('progress takes the place of what it replaces: a busy job neither grows the queue nor waits for ever', () => {
  const queue = createEventQueue();
  queue.put(stateOf('busy', 1));
  queue.put(stateOf('quiet', 1));
  for (let version = 2; version < 1_000; version += 1) queue.put(stateOf('busy', version));
  expect(queue.take()).toEqual(stateOf('busy', 999));
  expect(queue.take()).toEqual(stateOf('quiet', 1));
  expect(queue.take()).toBeUndefined();
});

test('it says when it is full', () => {
  const queue = createEventQueue(2);
  expect([startedOf('a', 1), completedOf('a', 2), startedOf('b', 1)].map(queue.put)).toEqual([
    true,
    true,
    false,
  ]);
});

test('the state that a run ended with is read before its end, whatever follows in the next', () => {
  const queue = createEventQueue();
  const events = [
    stateOf(A, 6),
    stateOf(A, 7, 'failed'),
    failedOf(A, 2),
    startedOf(A, 3),
    stateOf(A, 8),
    stateOf(A, 9),
  ];
  for (const event of events) queue.put(event);
  const read = events.flatMap(() => queue.take() ?? []).map(short);
  expect(read).toEqual(['P7', 'E2', 'S3', 'P9']);
});

test('of steps that nobody takes the newest wait, and never fill it', () => {
  const queue = createEventQueue(250);
  for (let number = 1; number <= 1_000; number += 1) expect(queue.put(stepOf(A, number))).toBe(true);
  const read: string[] = [];
  for (let event = queue.take(); event; event = queue.take()) read.push(short(event));
  expect(read).toHaveLength(200);
  expect([read[0], read.at(-1)]).toEqual(['N801', 'N1000']);
});
