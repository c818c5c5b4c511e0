import { load } from 'cheerio';
import type { SeenContext } from './crawler-inside.ts';
import { pageFacts } from './page-facts.ts';

const facts = (context: Omit<SeenContext, 'request'>) => pageFacts(context as SeenContext);
const html =
  '<html><head><title> Boots\n  and more </title></head><body><svg><title>logo</title></svg></body></html>';

test('the status is that of Node or of a browser', () => {
  expect(facts({ response: { statusCode: 404 } })).toEqual({ http_status: 404 });
  const response = {
    code: 503,
    status() {
      return this.code;
    },
  };
  expect(facts({ response })).toEqual({ http_status: 503 });
});

test("the title is the page's own, on one line", () => {
  expect(facts({ $: load(html) })).toEqual({ title: 'Boots and more' });
  expect(facts({ window: { document: { title: 'Boots' } } })).toEqual({ title: 'Boots' });
});

test('what is not there is left out', () => {
  expect(facts({})).toEqual({});
  expect(facts({ $: load('<p>no title'), response: undefined, window: {} })).toEqual({});
  expect(facts({ $: load('<a/>', { xml: true }) })).toEqual({});
});

test('a title is cut', () => {
  expect(facts({ window: { document: { title: 'a'.repeat(9_999) } } }).title).toHaveLength(500);
});
