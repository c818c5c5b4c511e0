import { parseDuration } from './parse-duration.ts';

const day = { maxSeconds: 86_400 };

test.each([
  ['', null],
  ['  ', null],
  ['30s', 30],
  ['5 min', 300],
  ['2H', 7_200],
  ['1.5 hours', 5_400],
  ['1d', 86_400],
  ['90 seconds', 90],
])('%j is %j seconds', (text, seconds) => expect(parseDuration(text, day)).toBe(seconds));

test.each([
  ['90', 'Say the unit too: 90s, 90m or 90h'],
  ['soon', 'A time such as 30s, 5m, 2h or 1d'],
  ['-5m', 'A time such as 30s, 5m, 2h or 1d'],
  ['5 months', 'A time such as 30s, 5m, 2h or 1d'],
  ['0.1s', 'At least 1 second'],
  ['25h', 'At most 1 day'],
])('%j is no time: %s', (text, why) => expect(parseDuration(text, day)).toBe(why));
