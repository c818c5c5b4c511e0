import { postPaths } from './article-pages.ts';
import { CATEGORIES } from './content/products.ts';
import type { DemoPage } from './demo-page.ts';
import { htmlPage } from './html-page.ts';
import { renderPage } from './layout.ts';
import { forgottenProductPaths } from './shop-pages.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const BIG_FILE_BYTES = 3 * 1024 * 1024;
const DUPLICATE_LINKS = 3_000;
/** How often the flaky page fails before it works, for each start of the server. */
const FLAKY_FAILURES = 2;

/** What a crawler meets in the wild: the missing, the flaky, the big, the forbidden and the circular. */
export function troublePages(): DemoPage[] {
  return [
    ...[
      ...forgottenProductPaths(),
      '/jobs/apprentice-2019',
      '/contact/shop-finder',
      '/guides/loyalty-card',
    ].map(missing),
    flaky('/status/repairs'),
    redirect('/sale/summer', 302, '/sale/2023'),
    redirect('/sale/2023', 301, '../shop/'),
    redirect('/staff/press-kit', 307, '/staff/press-kit/latest'),
    redirect('/staff/press-kit/latest', 308, '/staff/press-kit'),
    bigFile('/files/catalogue-print.zip'),
    priceList('/files/price-list.csv'),
    archive('/journal/archive'),
    legacyCharset('/guides/legacy-charset'),
    ...['/staff/', '/staff/rota', '/staff/kettle-rules'].map(forbidden),
  ];
}

/** Keeps the staff room out, all but its press kit, which is a circle of redirects. */
export const ROBOTS_TXT = `User-agent: *
Disallow: /staff/
Allow: /staff/press-kit
`;

export const notFound = () => ({
  status: 404,
  headers: HTML,
  body: renderPage({
    title: 'Nothing here',
    lead: 'This page has gone for a walk.',
    main: '<p><a href="/">Home</a></p>',
  }),
});

const missing = (path: string): DemoPage => ({
  path,
  outcome: 'failed',
  errorCode: 'http_404',
  answer: notFound,
});

function flaky(path: string): DemoPage {
  const works = htmlPage(path, {
    title: 'Repair queue, live',
    lead: 'Fourteen zips, three soles, one very old tent.',
    main: '<p>This page falls over now and then, and gets up again.</p>',
  });
  return {
    ...works,
    answer: (hit) =>
      hit > FLAKY_FAILURES
        ? works.answer(hit)
        : { status: 503, headers: { 'content-type': 'text/plain', 'retry-after': '1' }, body: 'busy\n' },
  };
}

const redirect = (path: string, status: number, location: string): DemoPage => ({
  path,
  outcome: 'completed',
  answer: () => ({ status, headers: { location } }),
});

/** More than a crawler should swallow, and not HTML either. */
const bigFile = (path: string): DemoPage => ({
  path,
  outcome: 'failed',
  errorCode: 'too_large',
  answer: () => ({
    status: 200,
    headers: { 'content-type': 'application/zip' },
    body: Buffer.alloc(BIG_FILE_BYTES, 'larkfield '),
  }),
});

/** No HTML, but small: fetched, and nothing more is read out of it. */
const priceList = (path: string): DemoPage => ({
  path,
  outcome: 'completed',
  answer: () => ({
    status: 200,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: CATEGORIES.flatMap(({ products }) => products)
      .map(({ name, price }) => `"${name}",${price}\n`)
      .join(''),
  }),
});

/** Thousands of links to the same few posts, and two into the staff room. */
function archive(path: string): DemoPage {
  const posts = postPaths();
  const links = Array.from(
    { length: DUPLICATE_LINKS },
    (_, index) => `<a href="${posts[index % posts.length]}?utm_content=${index}#c${index}">${index + 1}</a>`,
  );
  return htmlPage(path, {
    title: 'The archive',
    lead: 'Every day of ten years, and what we wrote on it.',
    main: `<p>${links.join(' ')}</p>
<p><a href="/staff/rota">Rota</a> <a href="/staff/kettle-rules">Kettle rules</a> <a href="/staff/press-kit">Press kit</a></p>`,
  });
}

/** Says UTF-8 and holds Latin-1 beside bytes that are neither. */
function legacyCharset(path: string): DemoPage {
  const html = renderPage({
    title: 'From the old website: CAF\u00c9 & MAP\u00c4',
    lead: 'Exported in 2004, in whatever was lying about.',
    main: '<p>na\u00efve \u00a3 5 \u00bd price</p>',
  });
  const body = Buffer.concat([Buffer.from(html, 'latin1'), Buffer.from([0xff, 0xfe, 0x00, 0xc3])]);
  return { path, outcome: 'completed', answer: () => ({ status: 200, headers: HTML, body }) };
}

const forbidden = (path: string): DemoPage => ({
  ...htmlPage(path, {
    title: 'Staff room',
    lead: 'If a crawler reads this, it did not ask first.',
    main: '<p>Biscuits are in the tin.</p>',
  }),
  outcome: 'skipped',
  errorCode: 'robots_disallowed',
});
