import fc from 'fast-check';
import { parsePage } from './parse-page.ts';

const URL_HERE = 'http://shop.example/a/b';
const parse = (html: string) => parsePage(html, URL_HERE);

test('title, text and links of an ordinary page', () => {
  const page = parse(`<!doctype html><html><head><title> The
    shop &amp; more </title><style>p{}</style></head><body><h1>Hello</h1><p>one<b>two</b> three</p>
    <script>hidden()</script><noscript>hidden</noscript><template>hidden</template>
    <a href="c">C</a> <a href="/d?x=1&amp;y=2#z">D</a><map><area href="//other.example"></map></body></html>`);
  expect(page).toEqual({
    title: 'The shop & more',
    text: 'Hello onetwo three C D',
    links: ['http://shop.example/a/c', 'http://shop.example/d?x=1&y=2', 'http://other.example/'],
  });
});

test('each link once, whatever its spellings, and only http(s)', () => {
  const hrefs = [
    '/x',
    '/x#a',
    '/x?utm_source=1',
    './../x',
    ' /x ',
    'mailto:a@b.c',
    'javascript:x()',
    'http://[',
    '',
  ];
  expect(parse(hrefs.map((href) => `<a href="${href}">x</a>`).join('')).links).toEqual([
    'http://shop.example/x',
  ]);
});

test('the first base decides for all links, those before it included', () => {
  const page = parse('<a href="1">1</a><base href="/deep/"><base href="/other/"><a href="2">2</a>');
  expect(page.links).toEqual(['http://shop.example/deep/1', 'http://shop.example/deep/2']);
  expect(parse('<base href="http://["><a href="1">1</a>').links).toEqual(['http://shop.example/a/1']);
});

test('nofollow is respected, on a link and on a page', () => {
  expect(
    parse('<a rel="noopener NoFollow" href="/a">a</a><a rel="nofollower" href="/b">b</a>').links,
  ).toEqual(['http://shop.example/b']);
  expect(parse('<meta name="ROBOTS" content="noindex, nofollow"><a href="/a">a</a>').links).toEqual([]);
  expect(parse('<meta name="robots" content="noindex"><a href="/a">a</a>').links).toHaveLength(1);
});

test('a canonical link is no link', () => {
  expect(parse('<link rel="canonical" href="/c"><a href="/a">a</a>').links).toEqual([
    'http://shop.example/a',
  ]);
});

test.each([
  ['no title', '<p>x', null],
  ['an empty one', '<title> </title>', null],
  ['one in an icon', '<svg><title>icon</title></svg><title>page</title>', 'page'],
  ['two of them', '<title>one</title><title>two</title>', 'one'],
  ['one that never ends', `<title>${'x'.repeat(9_000)}`, 'x'.repeat(500)],
])('title: %s', (_, html, title) => {
  expect(parse(html).title).toBe(title);
});

test('a head that is never closed hides nothing', () => {
  expect(parse('<html><head><title>t</title><p>shown').text).toBe('shown');
});

test('text is folded and cut', () => {
  expect(parse('<p> a \n\t\u00a0 b </p><p></p><p>c</p>').text).toBe('a b c');
  expect(parse(`<p>${'word '.repeat(100_000)}</p>`).text).toHaveLength(200_000 - 1);
});

test('at most ten thousand links are read from a page', () => {
  const html = Array.from({ length: 12_000 }, (_, index) => `<a href=/${index}>x</a>`).join('');
  expect(parse(html).links).toHaveLength(10_000);
});

test('an address over 2048 characters is no link', () => {
  expect(parse(`<a href="/${'x'.repeat(3_000)}">x</a><a href="/${'ü'.repeat(700)}">y</a>`).links).toEqual([]);
});

test.each([
  ['open elements', '<div>'.repeat(400_000)],
  ['open inline elements', '<b>'.repeat(600_000)],
  ['closing what is not open', `${'<i>'.repeat(990)}${'</b>'.repeat(500_000)}`],
  ['attributes', `<a ${Array.from({ length: 300_000 }, (_, index) => `a${index}`).join(' ')}>`],
  ['brackets', '<'.repeat(2_000_000)],
  ['comments', '<!--'.repeat(500_000)],
  ['entities', '&amp;'.repeat(400_000)],
  ['white space', ' \n'.repeat(1_000_000)],
])('two megabytes of %s are read in reasonable time', (_, html) => {
  // Not the time on the wall, which a busy machine makes longer.
  const before = process.cpuUsage();
  parse(`<title>t</title><a href="/x">x</a>${html}`);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(15_000);
});

test('beyond a nesting that nobody writes the page counts up to there', () => {
  const page = parse(`<a href="/before">x</a>${'<div>'.repeat(5_000)}<a href="/after">y</a>`);
  expect(page.links).toEqual(['http://shop.example/before']);
});

test('no text whatever makes it throw', () => {
  const soup = fc.array(
    fc.oneof(
      fc.constantFrom(
        '<a href="',
        '<base href=',
        '<title>',
        '</title>',
        '</p>',
        '</br>',
        '<!--',
        '-->',
        '<svg>',
        '">',
      ),
      fc.string({ unit: 'binary' }),
    ),
  );
  fc.assert(
    fc.property(soup, (pieces) => {
      const page = parse(pieces.join(''));
      for (const link of page.links) expect(link).toMatch(/^https?:\/\//);
    }),
    { numRuns: 1_000 },
  );
});
