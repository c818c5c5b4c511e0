import { SENTENCES } from './content/articles.ts';
import { CATEGORIES, type Category, type Product } from './content/products.ts';
import { type DemoPage, slugOf } from './demo-page.ts';
import { htmlPage } from './html-page.ts';
import { renderGrid, renderProse } from './layout.ts';

const categoryPath = (category: Category) => `/shop/${category.slug}/`;
const productPath = (category: Category, product: Product) =>
  `${categoryPath(category)}${slugOf(product.name)}`;

/** The catalogue: an overview, its categories and their products. */
export function shopPages(): DemoPage[] {
  return [
    htmlPage('/shop/', {
      title: 'The shop',
      lead: 'Eight shelves of things that last.',
      main:
        renderGrid(
          CATEGORIES.map((category) => ({
            href: categoryPath(category),
            text: category.name,
            note: category.blurb,
          })),
        ) +
        '<p>Last year: <a href="/sale/summer">the summer sale</a>. Wholesale: <a href="/files/price-list.csv">price list</a> and the <a href="/files/catalogue-print.zip">print catalogue</a>.</p>',
    }),
    ...CATEGORIES.flatMap((category, index) => [
      categoryPage(category),
      ...category.products.map((product, position) =>
        productPage({ category, product, position, latencyMs: index === 3 && position === 1 ? 1_600 : null }),
      ),
    ]),
  ];
}

const categoryPage = (category: Category): DemoPage =>
  htmlPage(categoryPath(category), {
    title: category.name,
    lead: category.blurb,
    main: renderGrid(
      category.products.map((product) => ({
        // Relative on purpose: a crawler has to resolve it against the page.
        href: slugOf(product.name),
        text: product.name,
        note: `€ ${product.price}`,
      })),
    ),
  });

function productPage({
  category,
  product,
  position,
  latencyMs,
}: {
  category: Category;
  product: Product;
  position: number;
  latencyMs: number | null;
}): DemoPage {
  const path = productPath(category, product);
  const others = category.products.filter((other) => other !== product).slice(0, 3);
  // One product of some shelves went out of the range, and its link was forgotten.
  const forgotten =
    position === 4 ? `<p>Replaces the <a href="classic-${category.slug}">classic</a>.</p>` : '';
  return htmlPage(
    path,
    {
      title: product.name,
      lead: product.line,
      main: `<p class="price">€ ${product.price}</p>
<article>${renderProse(path, SENTENCES)}</article>
${HAS_FORGOTTEN_LINK.has(category.slug) ? forgotten : ''}
<h2>Goes with</h2>
${renderGrid(others.map((other) => ({ href: productPath(category, other), text: other.name, note: `€ ${other.price}` })))}`,
    },
    latencyMs,
  );
}

const HAS_FORGOTTEN_LINK: ReadonlySet<string> = new Set(['packs', 'boots', 'kitchen']);

/** Products that are linked and no longer there. */
export const forgottenProductPaths = (): string[] =>
  [...HAS_FORGOTTEN_LINK].map((slug) => `/shop/${slug}/classic-${slug}`);
