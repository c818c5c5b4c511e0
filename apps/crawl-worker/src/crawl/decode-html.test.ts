import { decodeHtml } from './decode-html.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

test('the header decides before the page', () => {
  expect(decodeHtml(latin1('<meta charset=utf-8>é'), 'text/html; charset=ISO-8859-1')).toContain('é');
  expect(decodeHtml(latin1('é'), 'text/html;charset="windows-1252"')).toBe('é');
});

test('a byte order mark decides before all', () => {
  expect(decodeHtml(Buffer.from('\ufeffé'), 'text/html; charset=iso-8859-1')).toBe('é');
  expect(decodeHtml(Buffer.from('\ufeffé', 'utf16le'), null)).toBe('é');
});

test('without a header the page decides', () => {
  expect(decodeHtml(latin1('<meta charset="iso-8859-1">é'), 'text/html')).toContain('é');
  expect(
    decodeHtml(
      Buffer.concat([
        Buffer.from('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">'),
        Buffer.from([0x83, 0x65]),
      ]),
      null,
    ),
  ).toContain('テ');
  expect(decodeHtml(Buffer.from('<meta charset=utf-16le>é'), null)).toContain('é');
});

test('without any it is UTF-8 if it can be, else Windows-1252', () => {
  expect(decodeHtml(Buffer.from('é €'), null)).toBe('é €');
  expect(decodeHtml(Buffer.from([0xe9, 0x20, 0x80]), null)).toBe('é €');
});

test('a charset that does not exist counts as none', () => {
  expect(decodeHtml(Buffer.from('é'), 'text/html; charset=klingon')).toBe('é');
});

test('bytes that the charset does not have become U+FFFD', () => {
  expect(decodeHtml(Buffer.from([0x61, 0xff, 0x62]), 'text/html; charset=utf-8')).toBe('a\ufffdb');
});
