import { updateOf } from '../update.ts';
import { FIRST_STAMP, jobOf, millisecondsOf, readStamp, stampOf } from './update-stamp.ts';

const JOB_ID = '01890000-0000-7000-8000-000000000001';
const read = (text: string, before = '') => {
  const bytes = Buffer.from(`${before}${text}more`);
  return readStamp(bytes, before.length, before.length + Buffer.byteLength(text));
};

test('a version tells the job and the time, and rises with it', () => {
  const stamp = stampOf(7, 1_234_567);
  expect(jobOf(stamp)).toBe(7);
  expect(millisecondsOf(stamp)).toBe(1_234.567);
  expect(stampOf(0, 1_234_568)).toBeGreaterThan(stampOf(999, 1_234_567));
  expect(Number.isSafeInteger(stampOf(999, 24 * 3_600_000_000))).toBe(true);
  expect(stamp).toBeGreaterThan(FIRST_STAMP);
});

test('it is read from a frame, wherever that stands', () => {
  for (const before of ['', 'xx', 'a longer one']) {
    for (const microseconds of [1, 12_345_678]) {
      const text = JSON.stringify(updateOf(JOB_ID, { number: 3, microseconds }));
      expect(read(text, before)).toBe(stampOf(3, microseconds));
    }
  }
});

test('of the same message in another order too', () => {
  const { type, payload } = updateOf(JOB_ID, { number: 3, microseconds: 5 });
  const { version, ...rest } = payload;
  expect(read(JSON.stringify({ type, payload: { ...rest, version } }))).toBe(stampOf(3, 5));
});

test('other messages have none, neither have those that a frame ends with', () => {
  expect(read('{"type":"pong","payload":{}}')).toBeNull();
  expect(read('{}')).toBeNull();
  const bytes = Buffer.from('{"type":"parent_job_progress"}{"version":5}');
  expect(readStamp(bytes, 0, 30)).toBeNull();
});
