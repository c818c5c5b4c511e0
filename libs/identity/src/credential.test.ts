import fc from 'fast-check';
import { admit } from './admit.ts';
import { credentialOf, type RequestHeaders } from './credential.ts';

const bearer = (token: string) => ({ kind: 'bearer', token });
const cookie = (token: string) => ({ kind: 'cookie', token });

test.each<[RequestHeaders, ReturnType<typeof credentialOf> | { kind: string; token: string }]>([
  [{}, null],
  [{ authorization: 'Bearer a.b.c' }, bearer('a.b.c')],
  [{ authorization: 'bearer  a.b.c ' }, bearer('a.b.c')],
  [{ authorization: 'Bearer' }, null],
  [{ authorization: 'Bearer ' }, null],
  [{ authorization: 'Bearer a b' }, null],
  [{ authorization: 'Basic a.b.c' }, null],
  [{ authorization: 'Bearer a.b.c', cookie: 'token=x' }, bearer('a.b.c')],
  [{ authorization: 'Basic a.b.c', cookie: 'token=x' }, cookie('x')],
  [{ authorization: ['Bearer a', 'Bearer b'] }, null],
  [{ cookie: 'token=x' }, cookie('x')],
  [{ cookie: 'a=1; token=x; b=2' }, cookie('x')],
  [{ cookie: 'token = x' }, cookie('x')],
  [{ cookie: 'token="x"' }, cookie('x')],
  [{ cookie: 'token=x=y' }, cookie('x=y')],
  [{ cookie: 'token=x; token=y' }, cookie('x')],
  [{ cookie: 'token=; token=y' }, null],
  [{ cookie: 'tokens=x; Token=y' }, null],
  [{ cookie: 'token' }, null],
  [{ cookie: '=x;;; =' }, null],
  [{ cookie: 'token=%E0%A4%A; other=%' }, cookie('%E0%A4%A')],
  [{ cookie: '__proto__=x' }, null],
])('%j carries %j', (headers, expected) => {
  expect(credentialOf(headers, 'token')).toEqual(expected);
});

test('no headers, however broken, make reading them fail', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Bearer', ' ', 'token', '=', ';', '"', '%', '%zz', '\0', 'null', 'http://localhost', ','),
  );
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  const value = fc.oneof(text, fc.array(text), fc.constant(undefined));
  const names = fc.constantFrom('authorization', 'cookie', 'origin', 'sec-fetch-site', '__proto__');
  const settings = { AUTH_COOKIE: 'token' };
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(names, fc.string()), value), (headers) => {
      const admission = admit(headers, settings);
      if (typeof admission === 'string') return ['forbidden_origin', 'none'].includes(admission);
      return admission.token.length > 0;
    }),
    { numRuns: 5_000 },
  );
});
