import { type Admission, admit } from './admit.ts';
import type { RequestHeaders } from './credential.ts';

const settings = { AUTH_COOKIE: 'token', ALLOWED_ORIGINS: ['https://app.example'] };

const OWN = { origin: 'https://app.example' };
const FOREIGN = { origin: 'https://evil.example' };
const COOKIE = { cookie: 'token=t' };
const BEARER = { authorization: 'Bearer t' };
const site = (value: string) => ({ 'sec-fetch-site': value });

const cookie: Admission = { kind: 'cookie', token: 't' };
const bearer: Admission = { kind: 'bearer', token: 't' };

test.each<[string, RequestHeaders, Admission]>([
  ['nothing', {}, 'none'],
  ['an allowed page without a token', { ...OWN }, 'none'],
  ['an allowed page with a cookie', { ...OWN, ...COOKIE }, cookie],
  ['an allowed page with a bearer', { ...OWN, ...BEARER }, bearer],
  ['an allowed page on another site', { ...OWN, ...COOKIE, ...site('cross-site') }, cookie],
  ['a foreign page without a token', { ...FOREIGN }, 'forbidden_origin'],
  ['a foreign page with a cookie', { ...FOREIGN, ...COOKIE }, 'forbidden_origin'],
  ['a foreign page with a bearer', { ...FOREIGN, ...BEARER }, 'forbidden_origin'],
  ['a foreign page that looks near', { ...FOREIGN, ...COOKIE, ...site('same-origin') }, 'forbidden_origin'],
  ['a sandboxed page', { origin: 'null', ...COOKIE }, 'forbidden_origin'],
  ['an empty origin', { origin: '', ...COOKIE }, 'forbidden_origin'],
  ['two origins', { origin: ['https://app.example', 'https://evil.example'] }, 'forbidden_origin'],
  ['a program with a bearer', { ...BEARER }, bearer],
  ['a program with a cookie', { ...COOKIE }, 'none'],
  ['a read by the own page', { ...COOKIE, ...site('same-origin') }, cookie],
  ['a read by a page of the same site', { ...COOKIE, ...site('same-site') }, cookie],
  ['an address typed by the user', { ...COOKIE, ...site('none') }, cookie],
  ['a picture in a foreign page', { ...COOKIE, ...site('cross-site') }, 'none'],
  ['a relation that nobody knows', { ...COOKIE, ...site('same-origin, cross-site') }, 'none'],
])('%s', (_, headers, expected) => {
  expect(admit(headers, settings)).toEqual(expected);
});

test('without a list, pages on loopback are the own ones', () => {
  const byDefault = { AUTH_COOKIE: 'token' };
  expect(admit({ origin: 'http://127.0.0.1:4000', ...COOKIE }, byDefault)).toEqual(cookie);
  expect(admit({ ...OWN, ...COOKIE }, byDefault)).toBe('forbidden_origin');
});
