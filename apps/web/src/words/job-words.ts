import type { ChildView, ParentView } from '@progeny/contract';

/** What the children of a job are called. */
export const nounOf = (type: string): { one: string; many: string } =>
  type === 'crawl' ? { one: 'page', many: 'pages' } : { one: 'task', many: 'tasks' };

/** The seed of a crawl; null for other work. */
export function seedOf(job: Pick<ParentView, 'spec'>): string | null {
  const seeds = job.spec.seeds;
  const first: unknown = Array.isArray(seeds) ? seeds[0] : undefined;
  return typeof first === 'string' && isWebAddress(first) ? first : null;
}

/** Only such an address becomes a link: `javascript:` and its like come from outside too. */
const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** A page by its path, since the host is the same for all; other children by their key. */
export function labelOf(child: Pick<ChildView, 'key' | 'payload'>): { text: string; url: string | null } {
  const url = child.payload.url;
  if (typeof url !== 'string' || !isWebAddress(url)) return { text: child.key, url: null };
  const { pathname, search } = new URL(url);
  return { text: decoded(pathname + search), url };
}

const TAB_MARKS: Partial<Record<ChildView['status'], string>> = {
  completed: '✓',
  failed: '✗',
  cancelled: '–',
  skipped: '–',
};

/** The tab's title of a child: how far it is, seen from another tab. */
export const childTabTitle = (child: ChildView): string =>
  `${TAB_MARKS[child.status] ?? `${child.progress_percentage}%`} ${labelOf(child).text} · Progeny`;

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** What a page's result says, as far as it is there; another child's result has none of it. */
export function pageFactsOf(child: Pick<ChildView, 'result'>): {
  httpStatus: number | null;
  title: string | null;
  sizeBytes: number | null;
  durationMs: number | null;
} {
  const result = child.result ?? {};
  const numberAt = (name: string): number | null => {
    const value = result[name];
    return typeof value === 'number' ? value : null;
  };
  return {
    httpStatus: numberAt('http_status'),
    title: typeof result.title === 'string' ? result.title : null,
    sizeBytes: numberAt('size_bytes'),
    durationMs: numberAt('duration_ms'),
  };
}
