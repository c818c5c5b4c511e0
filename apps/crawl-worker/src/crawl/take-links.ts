import { type ChildInput, LIMITS, type PagePayload } from '@progeny/contract';
import { jsonBytes, REPORT_MAX_BYTES } from '@progeny/worker/parts';

/** The children that these links make: the first `linksPerReport` of them, fewer when their addresses are long. */
export function takeLinks(urls: readonly string[], depth: number): ChildInput[] {
  const children: ChildInput[] = [];
  let bytes = 0;
  for (const url of urls.slice(0, LIMITS.linksPerReport)) {
    const child = { key: url, payload: { url, depth } satisfies PagePayload };
    bytes += jsonBytes(child) + 1;
    if (bytes > REPORT_MAX_BYTES.children) break;
    children.push(child);
  }
  return children;
}
