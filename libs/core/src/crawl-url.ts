const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const TRACKING_PARAMETER = /^(utm_[a-z]+|gclid|fbclid|msclkid)$/i;

/**
 * One spelling for one page, so that it is crawled once: no fragment, no tracking parameters, no default port, no
 * credentials, no dot segments, an upper-case percent encoding and a host in lower case.
 * Returns null for what is not an absolute or, with a base, relative http(s) URL.
 */
export function normalizeUrl(text: string, base?: string): string | null {
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  if (!url || !(url.protocol in DEFAULT_PORTS)) return null;
  url.hash = '';
  url.username = '';
  url.password = '';
  for (const name of [...url.searchParams.keys()]) {
    if (TRACKING_PARAMETER.test(name)) url.searchParams.delete(name);
  }
  if (url.search === '') url.search = '';
  url.pathname = url.pathname.replace(/%[0-9a-f]{2}/gi, (encoded) => encoded.toUpperCase());
  return url.href;
}

/** The host that a crawl stays on: `www.` makes no difference, a port does. */
export const scopeOf = (url: string): string => new URL(url).host.replace(/^www\./, '');

export const isInScope = (url: string, seeds: readonly string[]): boolean => {
  const scope = scopeOf(url);
  return seeds.some((seed) => scopeOf(seed) === scope);
};
