import { hashOf } from './demo-page.ts';

export interface Link {
  href: string;
  text: string;
  note?: string;
}

const MENU: readonly Link[] = [
  { href: '/shop/', text: 'Shop' },
  { href: '/journal/', text: 'Journal' },
  { href: '/guides/', text: 'Guides' },
  { href: '/about', text: 'About' },
];
const FOOTER: readonly Link[] = [
  { href: '/contact', text: 'Contact' },
  { href: '/shipping', text: 'Shipping' },
  { href: '/imprint', text: 'Imprint' },
];

/** One page in the shop's clothes. `main` is HTML, the rest is text. */
export function renderPage({ title, lead, main }: { title: string; lead: string; main: string }): string {
  const hue = hashOf(title) % 360;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)} · Larkfield &amp; Daughters</title>
<meta name="description" content="${escapeHtml(lead)}">
<link rel="stylesheet" href="/assets/site.css">
</head>
<body>
<header><strong><a href="/">Larkfield &amp; Daughters</a></strong><nav>${renderLinks(MENU)}</nav></header>
<main>
<div class="hero" style="background:linear-gradient(120deg,hsl(${hue} 32% 46%),hsl(${(hue + 48) % 360} 42% 68%))"></div>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
${main}
</main>
<footer>${renderLinks(FOOTER)}<p>Field goods for people who walk. A demo shop: nothing here is for sale.</p></footer>
</body>
</html>
`;
}

export const renderLinks = (links: readonly Link[]): string =>
  links.map(({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`).join(' ');

export const renderGrid = (links: readonly Link[]): string =>
  `<ul class="grid">${links
    .map(
      ({ href, text, note }) =>
        `<li><a href="${escapeHtml(href)}">${escapeHtml(text)}</a>${note ? `<p>${escapeHtml(note)}</p>` : ''}</li>`,
    )
    .join('\n')}</ul>`;

/** Paragraphs made of the given sentences; `seed` decides which and how many. */
export function renderProse(seed: string, sentences: readonly string[]): string {
  const paragraphs = 2 + (hashOf(seed) % 3);
  const lines: string[] = [];
  for (let paragraph = 0; paragraph < paragraphs; paragraph += 1) {
    const start = hashOf(`${seed}#${paragraph}`);
    const picked = [0, 5, 11, 16].map((step) => sentences[(start + step) % sentences.length] ?? '');
    lines.push(`<p>${escapeHtml(picked.join(' '))}</p>`);
  }
  return lines.join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"]/g, (found) => ENTITIES[found] ?? found);
