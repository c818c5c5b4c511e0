import type { ClaimedChild } from '@progeny/contract';
import type { Job, JobHandler } from '../job.ts';
import { JobFailure } from '../job-failure.ts';
import { openJob } from './open-job.ts';
import { runJob } from './run-job.ts';

const child: ClaimedChild = {
  job_id: '01890000-0000-7000-8000-000000000001',
  parent_id: '01890000-0000-7000-8000-000000000002',
  job_type: 'task',
  key: 'a',
  payload: { list: [1] },
  attempt: 1,
  lease_expires_at: '2030-01-01T00:00:00.000Z',
  timeout_ms: null,
};

const run = (handler: JobHandler) =>
  runJob(
    handler,
    openJob(child, {
      spec: Object.freeze({}),
      signal: new AbortController().signal,
      teller: { progress() {}, emit() {}, close() {} },
    }),
  );
const errorOf = async (handler: JobHandler) => {
  const { status, retryable, error } = await run(handler);
  return { status, retryable, code: error?.error_code, detail: error?.technical_detail };
};
const throwing = (thrown: unknown): JobHandler => {
  return () => {
    throw thrown;
  };
};

test.each([
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a text', 'boom', 'boom'],
  ['a number', 42, '42'],
  [
    'an error with a cause',
    new Error('no', { cause: new TypeError('why') }),
    'Error: no, caused by TypeError: why',
  ],
  ['an object without a name', { code: 'E' }, '[object Object]'],
  [
    'an object that cannot be read',
    new Proxy({}, { get: () => throwing(new Error('hands off'))({} as Job) }),
    'what was thrown cannot be read',
  ],
])('whatever is thrown is a failure that may pass: %s', async (_, thrown, detail) => {
  const expected = { status: 'failed', retryable: true, code: 'handler_failed', detail };
  expect(await errorOf(throwing(thrown))).toEqual(expected);
  expect(await errorOf(() => Promise.reject(thrown))).toEqual(expected);
});

test('an error of the same shape counts, whichever copy of the class it is of', async () => {
  const shaped = Object.assign(new Error('x'), {
    error_code: 'busy',
    user_message: 'Busy.',
    retryable: true,
  });
  expect(await errorOf(throwing(shaped))).toEqual({
    status: 'failed',
    retryable: true,
    code: 'busy',
    detail: '',
  });
});

test('a failure that cannot be stored as it is, is cut or renamed', async () => {
  const failure = new JobFailure({
    error_code: 'Not A Code',
    user_message: 'x'.repeat(1_000),
    technical_detail: 'y'.repeat(10_000),
  });
  const { error } = await run(throwing(failure));
  expect(error?.error_code).toBe('handler_failed');
  expect(error?.user_message).toHaveLength(500);
  expect(error?.technical_detail).toHaveLength(4_000);
  expect(error?.technical_detail).toMatch(/^Not A Code: y/);
});

test.each<[string, unknown]>([
  ['a text', 'done'],
  ['a list', [1]],
  [
    'a loop',
    Object.assign(
      {},
      {
        get self() {
          return this;
        },
      },
    ),
  ],
  ['a bigint inside', { n: 1n }],
  ['more bytes than are kept', { text: 'x'.repeat(70_000) }],
  ['nothing as JSON', { toJSON: () => undefined }],
])('a result that cannot be kept fails the job for good: %s', async (_, result) => {
  expect(await errorOf(() => result as object)).toMatchObject({
    status: 'failed',
    retryable: false,
    code: 'invalid_result',
  });
});

test('no result is fine, and a result is as it was when the handler ended', async () => {
  expect(await run(() => {})).toEqual({ status: 'completed', retryable: false, children: [] });
  expect(await run(() => null)).not.toHaveProperty('result');
  const result = { list: [1] };
  const outcome = await run(() => result);
  result.list.push(2);
  expect(outcome.result).toEqual({ list: [1] });
});

test('children are as they were when they were added', async () => {
  const outcome = await run(({ addChildren, payload }) => {
    addChildren([{ key: 'b', payload }]);
    (payload.list as number[]).push(2);
  });
  expect(outcome.children).toEqual([{ key: 'b', payload: { list: [1] } }]);
});

test.each([
  ['no key', [{ key: '' }], 'invalid_child'],
  ['no text as key', [{ key: 7 }], 'invalid_child'],
  ['none at all', [null], 'invalid_child'],
  ['a key that is too long', [{ key: 'ü'.repeat(1_025) }], 'invalid_child'],
  ['a payload that is too large', [{ key: 'b', payload: { text: 'x'.repeat(70_000) } }], 'invalid_child'],
  ['no list', { key: 'a' }, 'invalid_child'],
  ['nothing', undefined, 'invalid_child'],
  ['a payload that is no JSON', [{ key: 'b', payload: { n: 1n } }], 'invalid_child'],
  ['a payload that is a list', [{ key: 'b', payload: [] }], 'invalid_child'],
  ['too many', Array.from({ length: 2_001 }, (_, index) => ({ key: `${index}` })), 'too_many_children'],
  [
    'too many bytes',
    Array.from({ length: 7 }, (_, index) => ({ key: `${index}`, payload: { text: 'x'.repeat(60_000) } })),
    'too_many_children',
  ],
])('children that cannot be added fail the job for good: %s', async (_, children, code) => {
  expect(await errorOf(({ addChildren }) => addChildren(children as never))).toMatchObject({
    status: 'failed',
    retryable: false,
    code,
  });
});

test('as many children as may be are added, also one after the other', async () => {
  const outcome = await run(({ addChildren }) => {
    for (let index = 0; index < 2_000; index += 1) addChildren([{ key: `${index}` }]);
  });
  expect(outcome.status).toBe('completed');
  expect(outcome.children).toHaveLength(2_000);
});

test('a skip counts, even when the handler goes on as if nothing had happened', async () => {
  const skipped = { status: 'skipped', error: { error_code: 'off_limits', user_message: 'No.' } };
  const reason = { error_code: 'off_limits', user_message: 'No.' };
  expect(await run((job) => job.skip(reason))).toMatchObject(skipped);
  const caught: JobHandler = (job) => {
    try {
      job.skip(reason);
    } catch {
      return { fine: true };
    }
  };
  expect(await run(caught)).toMatchObject(skipped);
});

test('the job itself cannot be changed', async () => {
  const outcome = await run((job) => {
    (job as { attempt: number }).attempt = 9;
  });
  expect(outcome.error?.technical_detail).toContain('TypeError');
});
