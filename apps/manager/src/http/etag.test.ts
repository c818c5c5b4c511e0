import { etagOf, isNamedBy } from './etag.ts';

test.each([
  ['"7"', true],
  ['W/"7"', true],
  ['"6", "7"', true],
  ['*', true],
  ['"70"', false],
  ['7', false],
  ['', false],
  [undefined, false],
])('If-None-Match: %s', (header, expected) => {
  expect(isNamedBy(header, etagOf(7))).toBe(expected);
});
