import { isHostAllowed } from './host.ts';

test.each<[string | undefined, string[] | undefined, boolean]>([
  ['127.0.0.1:4000', undefined, true],
  ['localhost', undefined, true],
  ['[::1]:4000', undefined, true],
  ['evil.example:4000', undefined, false],
  ['localhost.evil.example', undefined, false],
  ['localhost@evil.example', undefined, false],
  ['', undefined, false],
  [undefined, undefined, false],
  ['app.example', ['https://app.example'], true],
  ['app.example:8080', ['http://app.example:8080'], true],
  ['app.example:8080', ['https://app.example'], false],
  // The name of the machine itself is never that of somebody else.
  ['localhost:4000', ['https://app.example'], true],
])('Host %s, where %s may call: %s', (host, allowed, expected) => {
  expect(isHostAllowed({ host }, allowed)).toBe(expected);
});
