import { jobErrorOf } from './job-error.ts';
import { progressOf } from './job-progress.ts';

test('an error has the name of its class or its code, and keeps message and stack', () => {
  const { message, stack } = new RangeError('too far');
  expect(jobErrorOf(message, stack)).toEqual({
    error_code: 'RangeError',
    user_message: 'too far',
    technical_detail: stack,
  });
  expect(jobErrorOf('x', 'TypeError [ERR_INVALID_ARG_TYPE]: x\n at y').error_code).toBe(
    'ERR_INVALID_ARG_TYPE',
  );
  expect(jobErrorOf('x', 'Error: x\n at y').error_code).toBe('job_failed');
  expect(jobErrorOf('', undefined)).toEqual({
    error_code: 'job_failed',
    user_message: 'The job failed.',
    technical_detail: '',
  });
});

test('progress may be a number, a text or an object; the rest says nothing', () => {
  expect(progressOf(40)).toEqual({ progress: 40 });
  expect(progressOf('parsing')).toEqual({ stage: 'parsing' });
  expect(progressOf({ percent: 40, stage: 'parsing', label: 'Reading', more: 1 })).toEqual({
    progress: 40,
    stage: 'parsing',
    label: 'Reading',
  });
  expect(progressOf({ progress: 7 })).toEqual({ progress: 7 });
  for (const said of [true, null, undefined, {}, { percent: '40' }]) expect(progressOf(said)).toEqual({});
});
