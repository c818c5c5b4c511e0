import { type Article, GUIDES, POSTS, SENTENCES } from './content/articles.ts';
import { type DemoPage, slugOf } from './demo-page.ts';
import { htmlPage } from './html-page.ts';
import { renderGrid, renderLinks, renderProse } from './layout.ts';

const POSTS_PER_PAGE = 5;
const SLOW_MS: Readonly<Record<string, number>> = {
  '/journal/how-we-test-a-shell': 900,
  '/journal/the-wool-year': 2_000,
  '/guides/size-tables': 1_300,
  '/guides/gift-cards': 500,
};

const postPath = (post: Article) => `/journal/${slugOf(post.title)}`;
const guidePath = (guide: Article) => `/guides/${slugOf(guide.title)}`;
const listPath = (page: number) => (page === 1 ? '/journal/' : `/journal/page/${page}`);

/** The journal: posts, each linked to its neighbours, and the lists that lead to them page by page. */
export function journalPages(): DemoPage[] {
  const pageCount = Math.ceil(POSTS.length / POSTS_PER_PAGE);
  const lists = Array.from({ length: pageCount }, (_, index) => {
    const page = index + 1;
    const shown = POSTS.slice(index * POSTS_PER_PAGE, page * POSTS_PER_PAGE);
    const turn = [
      ...(page > 1 ? [{ href: listPath(page - 1), text: 'Newer' }] : []),
      ...(page < pageCount ? [{ href: listPath(page + 1), text: 'Older' }] : []),
      { href: '/journal/archive', text: 'Archive' },
    ];
    return htmlPage(listPath(page), {
      title: page === 1 ? 'The journal' : `The journal, page ${page}`,
      lead: 'Walks, weather and work.',
      main: `${renderGrid(shown.map((post) => ({ href: postPath(post), text: post.title, note: post.lead })))}
<p>${renderLinks(turn)}</p>`,
    });
  });
  return [
    ...lists,
    ...POSTS.map((post, index) => articlePage(postPath(post), post, POSTS[index + 1], postPath)),
  ];
}

/** The help centre. */
export function guidePages(): DemoPage[] {
  return [
    htmlPage('/guides/', {
      title: 'Guides',
      lead: 'How to choose it, use it and keep it.',
      main: renderGrid(
        GUIDES.map((guide) => ({ href: guidePath(guide), text: guide.title, note: guide.lead })),
      ),
    }),
    ...GUIDES.map((guide, index) => articlePage(guidePath(guide), guide, GUIDES[index + 1], guidePath)),
  ];
}

function articlePage(
  path: string,
  article: Article,
  next: Article | undefined,
  pathOf: (article: Article) => string,
): DemoPage {
  const readOn = next
    ? `<p>Read on: <a href="${pathOf(next)}#top">${next.title}</a></p>`
    : '<p>Read on: <a href="/guides/legacy-charset">from the old website</a> · <a href="/guides/loyalty-card">the loyalty card</a></p>';
  return htmlPage(
    path,
    {
      title: article.title,
      lead: article.lead,
      main: `<article>${renderProse(path, SENTENCES)}</article>\n${readOn}`,
    },
    SLOW_MS[path] ?? null,
  );
}

/** Every post, for the archive that links each of them many times. */
export const postPaths = (): string[] => POSTS.map(postPath);
