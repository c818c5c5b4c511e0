import { LIMITS } from '@progeny/contract';

/** A report has to fit into one NATS message, 1 MiB by default, beside others: `batch` is their sum. */
export const REPORT_MAX_BYTES = { batch: 900_000, text: 400_000, children: 400_000 } as const;

export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Cut so that it fits, counted as it travels: escaped and in UTF-8. */
export function fitText(text: string): string {
  let kept = text.slice(0, LIMITS.pageTextMaxChars);
  for (let bytes = jsonBytes(kept); bytes > REPORT_MAX_BYTES.text; bytes = jsonBytes(kept)) {
    kept = kept.slice(0, Math.floor((kept.length * REPORT_MAX_BYTES.text) / bytes) - 1);
  }
  return kept;
}

/** How many of these, from the first on, fit into one message. At least one. */
export function countThatFits(sizes: readonly number[], max: number): number {
  let bytes = 0;
  const end = sizes.findIndex((size, index) => {
    bytes += size + 1;
    return index > 0 && (index >= max || bytes > REPORT_MAX_BYTES.batch);
  });
  return end === -1 ? sizes.length : end;
}
