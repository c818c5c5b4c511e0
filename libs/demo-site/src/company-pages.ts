import { SENTENCES } from './content/articles.ts';
import type { DemoPage } from './demo-page.ts';
import { htmlPage } from './html-page.ts';
import { renderGrid, renderProse } from './layout.ts';

/** The front page and what is about the company. `origin` is the site's own, without a slash. */
export function companyPages(origin: string): DemoPage[] {
  return [
    htmlPage('/', {
      title: 'Field goods for people who walk',
      lead: 'Packs, boots and shelter, made to be mended.',
      main: `${renderGrid([
        { href: '/shop/', text: 'The shop', note: 'Forty things, no filler.' },
        { href: '/journal/', text: 'The journal', note: 'Walks, weather and work.' },
        { href: '/guides/', text: 'The guides', note: 'Choose it, use it, keep it.' },
      ])}
${spellings(origin)}`,
    }),
    plain('/about', 'About us', 'Eleven people in an old dairy.', [
      '<a href="/about/workshop">The workshop</a>',
      '<a href="/jobs">Work with us</a>',
      '<a href="/staff/">Staff room</a> (not for visitors)',
      '<a href="https://example.org:443/press">They wrote about us</a>',
      '<a href="https://www.example.com/">Our web people</a>',
    ]),
    plain('/about/workshop', 'The workshop', 'Come by on a Thursday; there is cake.', [
      '<a href="/status/repairs">Repair queue, live</a>',
    ]),
    plain('/contact', 'Contact', 'We answer before lunch.', [
      '<a href="mailto:hello@larkfield.example">hello@larkfield.example</a>',
      '<a href="tel:+4400000000">Telephone</a>',
      '<a href="javascript:openChat()">Chat</a>',
      '<a href="/contact/shop-finder">Shop finder</a>',
    ]),
    plain('/shipping', 'Shipping', 'Two days, in paper, without a plastic window.', []),
    plain('/imprint', 'Imprint', 'Who is responsible for all this.', [
      '<a href="/terms/../imprint/./privacy">Privacy</a>',
    ]),
    plain('/imprint/privacy', 'Privacy', 'We know your shoe size and nothing else.', []),
    plain('/jobs', 'Work with us', 'Can you sew a flat-felled seam?', [
      '<a href="/jobs/apprentice-2019">Apprenticeship</a>',
    ]),
  ];
}

const plain = (path: string, title: string, lead: string, items: readonly string[]): DemoPage =>
  htmlPage(path, {
    title,
    lead,
    main: `<article>${renderProse(path, SENTENCES)}</article>${
      items.length > 0 ? `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>` : ''
    }`,
  });

/** One page under many addresses: a crawler that counts these twice counts wrong. */
function spellings(origin: string): string {
  const port = new URL(origin).port;
  const zeroPadded = port ? origin.replace(/:\d+$/, `:0${port}`) : `${origin}:80`;
  const hrefs = [
    `${origin}/shop/`,
    `${zeroPadded}/shop/`,
    '/shop/#new',
    '/shop/?utm_source=home&utm_campaign=spring',
    '/shop/?gclid=Cj0KCQ#new',
    '/journal/../shop/./',
    './shop/',
    '  /shop/  ',
    '/%73hop/',
  ];
  return `<p>New in ${hrefs.map((href, index) => `<a href="${href.replaceAll('&', '&amp;')}">the shop (${index + 1})</a>`).join(', ')}.</p>`;
}
