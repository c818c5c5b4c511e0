import { mutate } from './mutation.ts';

const mutation = { file: 'a.ts', find: 'a > b', replace: 'a >= b' };

test('replaces the one place', () => {
  expect(mutate('if (a > b) go();', mutation)).toBe('if (a >= b) go();');
});

test.each([
  ['nowhere', 'if (b < a) go();'],
  ['in two places', 'a > b || a > b'],
])('fails when its text is %s', (_, source) => {
  expect(() => mutate(source, mutation)).toThrow(/a\.ts has \d times, and not once: a > b/);
});

test('takes the replacement as it is written', () => {
  expect(mutate('a > b', { ...mutation, replace: '$&$1' })).toBe('$&$1');
});
