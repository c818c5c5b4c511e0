import { createRandom } from './random.ts';

const draw = (...path: [number, ...string[]]) => {
  const random = createRandom(...path);
  return Array.from({ length: 50 }, () => random.int(0, 9));
};

test('the same seed and path draw the same, another seed or path does not', () => {
  expect(draw(7, 'load')).toEqual(draw(7, 'load'));
  expect(draw(7, 'load')).not.toEqual(draw(8, 'load'));
  expect(draw(7, 'load')).not.toEqual(draw(7, 'nemesis'));
});

test('whole numbers reach both bounds and go beyond neither', () => {
  const random = createRandom(1);
  const drawn = Array.from({ length: 500 }, () => random.int(3, 5));
  expect(new Set(drawn)).toEqual(new Set([3, 4, 5]));
});

test('shuffled keeps every item once', () => {
  const items = ['a', 'b', 'c', 'd', 'e'];
  const shuffled = createRandom(3).shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort()).toEqual(items);
});

test('nothing can be picked from nothing', () => {
  expect(() => createRandom(1).pick([])).toThrow(RangeError);
});
