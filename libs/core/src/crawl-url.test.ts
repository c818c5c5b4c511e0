import fc from 'fast-check';
import { isInScope, normalizeUrl, scopeOf, scopesOf } from './crawl-url.ts';

const PAGE = 'http://shop.example/a/b';

test.each([
  ['a fragment', 'http://shop.example/a/b#top'],
  ['tracking parameters', 'http://shop.example/a/b?utm_source=x&gclid=1&fbclid=2&UTM_Medium=3'],
  ['an encoded tracking parameter', 'http://shop.example/a/b?%75tm_source=x'],
  ['dot segments', 'http://shop.example/x/../a/./b'],
  ['encoded dot segments', 'http://shop.example/x/%2e%2E/a/b'],
  ['the default port', 'http://shop.example:80/a/b'],
  ['a host in capitals', 'HTTP://Shop.EXAMPLE/a/b'],
  ['credentials', 'http://me:secret@shop.example/a/b'],
  ['an empty query', 'http://shop.example/a/b?'],
  ['an encoding that is not needed', 'http://shop.example/%61/%62'],
  ['spaces around', '  http://shop.example/a/b\n'],
])('%s makes no other page', (_, spelling) => {
  expect(normalizeUrl(spelling)).toBe(PAGE);
});

test('what means something stays as it is', () => {
  for (const url of [
    'http://shop.example/A/b',
    'http://shop.example/a/b/',
    'http://shop.example/a%2Fb',
    'http://shop.example/a%252Fb',
    'http://shop.example/?b=2&a=1&a=2',
    'http://shop.example/?q=a%20b+c',
    'http://shop.example/?utm=1&my_utm_source=2',
    'https://shop.example:8443/a',
    'http://shop.example/%C3%A9',
  ]) {
    expect(normalizeUrl(url)).toBe(url);
  }
});

test('a removed parameter leaves the spelling of the others alone', () => {
  expect(normalizeUrl('http://shop.example/?q=a%20b&utm_source=x&r=%c3%a9')).toBe(
    'http://shop.example/?q=a%20b&r=%C3%A9',
  );
});

test('a relative link is resolved against its base', () => {
  expect(normalizeUrl('../c?x=1#y', 'http://shop.example/a/b/')).toBe('http://shop.example/a/c?x=1');
  expect(normalizeUrl('//other.example', PAGE)).toBe('http://other.example/');
});

test.each([
  'mailto:me@shop.example',
  'javascript:go()',
  'ftp://shop.example/',
  'data:text/html,x',
  'http://',
  '',
])('%p is no page', (text) => {
  expect(normalizeUrl(text)).toBeNull();
});

const urlPart = fc.string({ unit: fc.constantFrom(...'abZ019-_.~%2eE/&=?;:@+ ü€😀[]{}|"<>#\\') });

test('normalising twice changes nothing more, whatever the text', () => {
  fc.assert(
    fc.property(urlPart, urlPart, (path, query) => {
      const once = normalizeUrl(`http://shop.example/${path}?${query}`);
      expect(once).not.toBeNull();
      expect(normalizeUrl(once ?? '')).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});

test('no text whatever makes it throw, and what comes out is plain http(s) in ASCII', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl()),
      fc.option(fc.webUrl(), { nil: undefined }),
      (text, base) => {
        const url = normalizeUrl(text, base);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is in there is the claim
        if (url !== null) expect(url).toMatch(/^https?:\/\/[^@/]+\/[^#\x00-\x20\x7f-\uffff]*$/);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('fragment and tracking never decide which page it is', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), fc.webFragments(), (url, fragment) => {
      const tracked = `${url}${url.includes('?') ? '&' : '?'}utm_source=${encodeURIComponent(fragment)}#${fragment}`;
      expect(normalizeUrl(tracked)).toBe(normalizeUrl(url));
    }),
  );
});

test('a crawl stays on the hosts of its seeds', () => {
  const scopes = scopesOf(['https://www.shop.example/start', 'http://127.0.0.1:8080/']);
  expect([...scopes]).toEqual(['shop.example', '127.0.0.1:8080']);
  expect(isInScope('http://shop.example/x', scopes)).toBe(true);
  expect(isInScope('https://www.shop.example/x', scopes)).toBe(true);
  expect(isInScope('http://127.0.0.1:8081/', scopes)).toBe(false);
  expect(isInScope('https://blog.shop.example/x', scopes)).toBe(false);
  expect(isInScope('https://shop.example.evil.example/', scopes)).toBe(false);
  expect(scopeOf('http://www.shop.example:80/')).toBe('shop.example');
});
