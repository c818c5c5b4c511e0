const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const TRACKING_PARAMETER = /^(utm_[a-z]+|gclid|fbclid|msclkid)(=|$)/i;
const PERCENT_ENCODED = /%([0-9a-f]{2})/gi;
const STRAY_PERCENT = /%(?![0-9a-f]{2})/i;
/** RFC 3986, 2.3: encoded or not, these mean the same. */
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * One spelling for one page, so that it is crawled once: no fragment, no tracking parameters, no default port, no
 * credentials, no dot segments, a host in lower case, and a percent encoding in upper case only where one is needed.
 * Returns null for what is not an absolute or, with a base, relative http(s) URL.
 */
export function normalizeUrl(text: string, base?: string): string | null {
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  if (!url || !(url.protocol in DEFAULT_PORTS)) return null;
  url.hash = '';
  url.username = '';
  url.password = '';
  url.pathname = normalizeEncoding(url.pathname);
  // By hand: URLSearchParams would write the parameters that stay in another encoding.
  const kept = normalizeEncoding(url.search.slice(1))
    .split('&')
    .filter((parameter) => !TRACKING_PARAMETER.test(parameter))
    .join('&');
  url.search = kept && `?${kept}`;
  return url.href;
}

function normalizeEncoding(text: string): string {
  // Beside a stray `%`, decoding could make up an encoding that nobody wrote.
  const decodes = !STRAY_PERCENT.test(text);
  return text.replace(PERCENT_ENCODED, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return decodes && UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}

/** The host that a crawl stays on: `www.` makes no difference, a port does. */
export const scopeOf = (url: string): string => new URL(url).host.replace(/^www\./, '');

/** The hosts of a crawl's seeds, for `isInScope`. */
export const scopesOf = (seeds: Iterable<string>): ReadonlySet<string> =>
  new Set([...seeds].map((seed) => scopeOf(seed)));

export const isInScope = (url: string, scopes: ReadonlySet<string>): boolean => scopes.has(scopeOf(url));
