import { SessionError } from '@crawlee/basic';
import { toJobError } from './job-errors.ts';

const withCode = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const timeout = Object.assign(new Error('late'), { name: 'TimeoutError' });

test.each<[string, unknown, Parameters<typeof toJobError>[1], string]>([
  ['an answer by its status', new Error('503'), { httpStatus: 503, isHandling: false }, 'http_503'],
  [
    'an error of the handler, though the page said 404',
    new Error('x'),
    { httpStatus: 404, isHandling: true },
    'handler_failed',
  ],
  [
    'what the handler asked for itself, by the answer to that',
    Object.assign(new Error('x'), { response: { statusCode: 429 } }),
    { isHandling: true },
    'http_429',
  ],
  ['a time-out of Crawlee', timeout, { isHandling: true }, 'timeout'],
  [
    'a time-out of a navigation',
    new Error('request timed out after 30 seconds.'),
    { isHandling: false },
    'timeout',
  ],
  ['an unknown host', withCode('ENOTFOUND'), { isHandling: false }, 'dns_failed'],
  ['a closed port', withCode('ECONNREFUSED'), { isHandling: false }, 'connection_refused'],
  ['a broken line', withCode('ECONNRESET'), { isHandling: true }, 'connection_lost'],
  ['a bad certificate', withCode('CERT_HAS_EXPIRED'), { isHandling: false }, 'tls_failed'],
  ['a site that turns away', new SessionError('captcha'), { httpStatus: 200, isHandling: false }, 'blocked'],
  ['anything before the handler', new Error('x'), { httpStatus: 200, isHandling: false }, 'request_failed'],
  ['what is no error', 'oops', { isHandling: true }, 'handler_failed'],
])('%s', (_, cause, at, code) => {
  const error = toJobError(cause, at);
  expect(error.error_code).toBe(code);
  expect(error.user_message).toMatch(/^[A-Z].*\.$/);
  expect(error.technical_detail).toContain(cause instanceof Error ? cause.message : 'oops');
});
