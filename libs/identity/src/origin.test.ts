import { isOriginAllowed } from './origin.ts';

test.each([
  ['http://localhost:4000', true],
  ['https://localhost', true],
  ['http://127.0.0.1:4000', true],
  ['http://127.8.8.8', true],
  ['http://[::1]:5173', true],
  ['null', false],
  ['', false],
  ['http://10.0.0.1:4000', false],
  ['http://localhost.evil.example', false],
  ['http://127.0.0.1.evil.example', false],
  ['http://evil.example/http://localhost', false],
  ['http://evil.example?://localhost', false],
  ['http://localhost:4000@evil.example', false],
  ['http://localhost\nx', false],
  ['file://localhost', false],
  ['chrome-extension://localhost', false],
  ['http://localhost:4000, http://evil.example', false],
])('without a list, pages of %p may call: %p', (origin, allowed) => {
  expect(isOriginAllowed(origin, undefined)).toBe(allowed);
});

test.each([
  ['https://app.example', true],
  ['https://app.example:8443', false],
  ['http://app.example', false],
  ['https://app.example/', false],
  ['https://sub.app.example', false],
  ['https://app.example.evil.example', false],
  ['http://localhost:4000', false],
  ['null', false],
])('with a list, only what stands there may call: %p %p', (origin, allowed) => {
  expect(isOriginAllowed(origin, ['https://app.example', 'null'])).toBe(allowed);
});
