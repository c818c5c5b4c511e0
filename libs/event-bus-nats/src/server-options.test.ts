import { serverOptions } from './server-options.ts';

test.each([
  ['nats://127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
  ['a.example', { servers: ['a.example'] }],
  ['nats://a:4222, nats://b:4333,', { servers: ['a:4222', 'b:4333'] }],
  ['nats://[::1]:4222', { servers: ['[::1]:4222'] }],
  ['nats://joe:p%40ss@a:4222', { servers: ['a:4222'], user: 'joe', pass: 'p@ss' }],
  ['nats://s3cret@a:4222', { servers: ['a:4222'], token: 's3cret' }],
  ['tls://a:4222', { servers: ['a:4222'], tls: {} }],
])('%s', (url, options) => {
  expect(serverOptions(url)).toEqual(options);
});

test('what is no URL is said at once', () => {
  expect(() => serverOptions('nats://a:port')).toThrow('Invalid URL');
});
