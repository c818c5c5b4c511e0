import { errors } from 'undici';
import { classifyFailure, statusError } from './classify-failure.ts';
import { timeoutError, tooLargeError } from './page-error.ts';

const failure = (code: string) => Object.assign(new Error(`it says ${code}`), { code });

test.each([
  ['ETIMEDOUT', 'timeout', true],
  ['EAI_AGAIN', 'dns_failed', true],
  ['ENOTFOUND', 'dns_failed', false],
  ['ECONNREFUSED', 'connection_refused', true],
  ['ECONNRESET', 'connection_lost', true],
  ['UND_ERR_SOCKET', 'connection_lost', true],
  ['EHOSTUNREACH', 'connection_lost', true],
  ['EPROTO', 'tls_failed', false],
  ['CERT_HAS_EXPIRED', 'tls_failed', false],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_failed', false],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_failed', false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls_failed', false],
  ['HPE_INVALID_HEADER_TOKEN', 'invalid_response', false],
  ['Z_DATA_ERROR', 'invalid_response', false],
])('%s is %s, retryable: %p', (code, expected, retryable) => {
  const error = classifyFailure(failure(code));
  expect(error).toMatchObject({ code: expected, retryable });
  expect(error.toJobError()).toEqual({
    error_code: expected,
    user_message: expect.stringMatching(/^[A-Z].+\.$/),
    technical_detail: `${code}: it says ${code}`,
  });
});

test('the errors of the HTTP client are known', () => {
  expect(classifyFailure(new errors.HeadersTimeoutError()).code).toBe('timeout');
  expect(classifyFailure(new errors.BodyTimeoutError()).code).toBe('timeout');
  expect(classifyFailure(new errors.ConnectTimeoutError()).code).toBe('timeout');
  expect(classifyFailure(new errors.SocketError('closed')).code).toBe('connection_lost');
  expect(classifyFailure(new errors.HeadersOverflowError()).code).toBe('invalid_response');
});

test('the cause decides when the error itself has no code', () => {
  expect(classifyFailure(new TypeError('fetch failed', { cause: failure('ECONNREFUSED') })).code).toBe(
    'connection_refused',
  );
  expect(classifyFailure(new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')])).code).toBe(
    'connection_refused',
  );
});

test('what is already classified stays as it is', () => {
  const timeout = timeoutError(5);
  expect(classifyFailure(timeout)).toBe(timeout);
  expect(tooLargeError(5)).toMatchObject({ code: 'too_large', retryable: false });
});

test('anything at all can be thrown', () => {
  expect(classifyFailure('oops')).toMatchObject({ code: 'invalid_response', message: 'error: oops' });
  expect(classifyFailure(undefined).toJobError().technical_detail).toBe('error: undefined');
  expect(classifyFailure(new Error('x'.repeat(9_000))).toJobError().technical_detail).toHaveLength(4_000);
});

test.each([
  [404, false],
  [410, false],
  [401, false],
  [408, true],
  [429, true],
  [500, true],
  [501, false],
  [502, true],
  [503, true],
  [504, true],
  [999, false],
])('status %p, retryable: %p', (status, retryable) => {
  expect(statusError(status)).toMatchObject({ code: `http_${status}`, retryable, httpStatus: status });
});
