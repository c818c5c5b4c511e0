import { type ChildInput, LIMITS, type PagePayload } from '@progeny/contract';

/** A report has to fit into one NATS message, 1 MiB by default, beside others: REPORT_MAX_BYTES is their sum. */
const TEXT_MAX_BYTES = 400_000;
const LINKS_MAX_BYTES = 400_000;
export const REPORT_MAX_BYTES = 900_000;

export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Cut so that it fits, counted as it travels: escaped and in UTF-8. */
export function fitText(text: string): string {
  let kept = text.slice(0, LIMITS.pageTextMaxChars);
  for (let bytes = jsonBytes(kept); bytes > TEXT_MAX_BYTES; bytes = jsonBytes(kept)) {
    kept = kept.slice(0, Math.floor((kept.length * TEXT_MAX_BYTES) / bytes) - 1);
  }
  return kept;
}

/** The children that these links make: the first `linksPerReport` of them, fewer when their addresses are long. */
export function takeLinks(urls: readonly string[], depth: number): ChildInput[] {
  const children: ChildInput[] = [];
  let bytes = 0;
  for (const url of urls.slice(0, LIMITS.linksPerReport)) {
    const child = { key: url, payload: { url, depth } satisfies PagePayload };
    bytes += jsonBytes(child) + 1;
    if (bytes > LINKS_MAX_BYTES) break;
    children.push(child);
  }
  return children;
}
