import { createPlaces } from './places.ts';

test('each has so many and no more, until one is given back', () => {
  const { take } = createPlaces({ each: 2 });
  const first = take('ann');
  expect(first).not.toBeNull();
  expect(take('ann')).not.toBeNull();
  expect(take('ann')).toBeNull();
  expect(take('bob')).not.toBeNull();
  first?.();
  expect(take('ann')).not.toBeNull();
  expect(take('ann')).toBeNull();
});

test('a place that is given back twice is given back once', () => {
  const { take } = createPlaces({ each: 1 });
  const first = take('ann');
  first?.();
  expect(take('ann')).not.toBeNull();
  first?.();
  expect(take('ann')).toBeNull();
});
