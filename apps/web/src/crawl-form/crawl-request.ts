import type { CreateJob, Problem } from '@progeny/contract';

/** The same bounds as the API's, so that most mistakes are seen before anything is sent. */
export const FORM_LIMITS = {
  maxPages: { min: 1, max: 1_000_000, preset: 1000 },
  maxDepth: { min: 0, max: 1000, preset: 20 },
} as const;

export interface CrawlFields {
  url: string;
  maxPages: string;
  maxDepth: string;
}
export type CrawlFieldErrors = Partial<Record<keyof CrawlFields | 'form', string>>;

export type CrawlRequest = { isValid: true; job: CreateJob } | { isValid: false; errors: CrawlFieldErrors };

/** `example.com` means https; an address on this machine means http. Null for what cannot be a web address. */
export function parseAddress(text: string): string | null {
  const trimmed = text.trim();
  const isLocal = /^(localhost|127\.|\[::1\])/i.test(trimmed);
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
    ? trimmed
    : `${isLocal ? 'http' : 'https'}://${trimmed}`;
  if (trimmed === '' || /\s/.test(trimmed) || !URL.canParse(full)) return null;
  const url = new URL(full);
  const isHost =
    isLocal || url.hostname.includes('.') || url.hostname.startsWith('[') || url.hostname === 'localhost';
  return /^https?:$/.test(url.protocol) && isHost ? url.href : null;
}

function parseWhole(text: string, { min, max }: { min: number; max: number }): number | string {
  const value = Number(text);
  const isWhole = /^\d+$/.test(text.trim()) && value >= min && value <= max;
  return isWhole ? value : `A whole number from ${min} to ${max.toLocaleString('en')}`;
}

/** What to send, or what is wrong beside each field. */
export function parseCrawlFields(fields: CrawlFields): CrawlRequest {
  const url = parseAddress(fields.url);
  const maxPages = parseWhole(fields.maxPages, FORM_LIMITS.maxPages);
  const maxDepth = parseWhole(fields.maxDepth, FORM_LIMITS.maxDepth);
  if (url !== null && typeof maxPages === 'number' && typeof maxDepth === 'number') {
    const limits = { max_pages: maxPages, max_depth: maxDepth };
    return { isValid: true, job: { type: 'crawl', seeds: [url], limits } };
  }
  const errors: CrawlFieldErrors = {};
  if (url === null) {
    errors.url =
      fields.url.trim() === '' ? 'Enter the address of a site' : 'That is not a web address (http or https)';
  }
  if (typeof maxPages === 'string') errors.maxPages = maxPages;
  if (typeof maxDepth === 'string') errors.maxDepth = maxDepth;
  return { isValid: false, errors };
}

const FIELD_OF_PATH: readonly (readonly [string, keyof CrawlFields])[] = [
  ['seeds', 'url'],
  ['limits.max_pages', 'maxPages'],
  ['limits.max_depth', 'maxDepth'],
];

/** Puts each complaint of the server beside the field that it is about; the rest concerns the form. */
export function problemToFieldErrors(problem: Problem): CrawlFieldErrors {
  const errors: CrawlFieldErrors = {};
  for (const { path, message } of problem.errors ?? []) {
    const field =
      FIELD_OF_PATH.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`))?.[1] ?? 'form';
    errors[field] ??= capitalised(field === 'form' ? `${path}: ${message}` : message);
  }
  if (Object.keys(errors).length === 0) errors.form = capitalised(problem.detail ?? problem.title);
  return errors;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
