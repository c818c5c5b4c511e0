import * as contract from '@progeny/contract';
import fc from 'fast-check';
import { fitError, fitIdempotencyKey, fitJson, fitKey, fitText } from './fit.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 9_000 }),
  fc.integer({ min: 0, max: 100_000 }).map((length) => '"\u0001é😀'.repeat(length / 5 + 1).slice(0, length)),
);

test('whatever is given, the manager takes what is made of it', () => {
  fc.assert(
    fc.property(text, fc.anything(), (said, value) => {
      for (const given of [said, value, { said, value }, [said]]) {
        const payload = JSON.parse(fitJson(given));
        expect(contract.childInputSchema.safeParse({ key: fitKey(said), payload }).error).toBeUndefined();
      }
      const error = fitError({ error_code: said, user_message: said, technical_detail: said });
      expect(contract.jobErrorSchema.safeParse(error).error).toBeUndefined();
      expect(fitIdempotencyKey(said)).toMatch(/^[\x21-\x7e]{1,200}$/);
    }),
    { numRuns: 25 },
  );
});

test('what fits stays as it is', () => {
  expect(fitKey('https://a.example/?q=ä')).toBe('https://a.example/?q=ä');
  expect(JSON.parse(fitJson({ pages: 3 }))).toEqual({ pages: 3 });
  expect(fitText('whole', 5)).toBe('whole');
  expect(fitError({ error_code: 'timed_out', user_message: 'Too slow', technical_detail: 'x' })).toEqual({
    error_code: 'timed_out',
    user_message: 'Too slow',
    technical_detail: 'x',
  });
});

test('what is no object becomes one', () => {
  expect(['text', 3, null, [1], undefined].map((value) => JSON.parse(fitJson(value)))).toEqual([
    { value: 'text' },
    { value: 3 },
    { value: null },
    { value: [1] },
    {},
  ]);
  expect(JSON.parse(fitJson(new Date(0)))).toEqual({ value: '1970-01-01T00:00:00.000Z' });
  expect(JSON.parse(fitJson({ big: 1n }))).toMatchObject({ cut: true });
});

test('keys that are too long stay apart from one another', () => {
  const long = 'https://a.example/'.padEnd(5_000, 'x');
  const keys = [long, `${long}y`, `y${long}`];
  for (const fit of [fitKey, fitIdempotencyKey]) {
    expect(new Set(keys.map(fit)).size).toBe(3);
    expect(fit(long)).toBe(fit(long));
  }
  expect(fitIdempotencyKey('a b')).not.toBe(fitIdempotencyKey('a%20b'));
});

test('names of errors become codes', () => {
  const codes = ['TimeoutError', 'ECONNRESET', 'E_BOOM: x', '', '???'];
  expect(codes.map((code) => fitError({ error_code: code }).error_code)).toEqual([
    'timeout_error',
    'econnreset',
    'e_boom_x',
    'unknown',
    'unknown',
  ]);
});
