import type { CreateJob, FailurePolicy, Problem } from '@progeny/contract';
import { parseDuration } from './parse-duration.ts';

/** The same bounds as the API's, so that most mistakes are seen before anything is sent. */
export const FORM_LIMITS = {
  maxPages: { min: 1, max: 1_000_000, preset: 1000 },
  maxDepth: { min: 0, max: 1000, preset: 20 },
  priority: { min: -100, max: 100, preset: 0 },
  deadline: { maxSeconds: 2_678_400 },
  pageTimeout: { maxSeconds: 86_400 },
} as const;

export type FailureChoice = 'continue' | 'fail_fast' | 'max_failed';

export interface CrawlFields {
  url: string;
  maxPages: string;
  maxDepth: string;
  priority: string;
  failures: FailureChoice;
  /** Read only when `failures` is `max_failed`. */
  maxFailed: string;
  deadline: string;
  pageTimeout: string;
}
export type CrawlFieldErrors = Partial<Record<keyof CrawlFields | 'form', string>>;

export const PRESET: CrawlFields = {
  url: '',
  maxPages: String(FORM_LIMITS.maxPages.preset),
  maxDepth: String(FORM_LIMITS.maxDepth.preset),
  priority: String(FORM_LIMITS.priority.preset),
  failures: 'continue',
  maxFailed: '5%',
  deadline: '',
  pageTimeout: '',
};

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
  const isWhole = /^-?\d+$/.test(text.trim()) && value >= min && value <= max;
  return isWhole ? value : `A whole number from ${min} to ${max.toLocaleString('en')}`;
}

/** `20` or `5%`; a sentence for what is neither. */
function parsePolicy({ failures, maxFailed }: CrawlFields): { policy: FailurePolicy } | string {
  if (failures !== 'max_failed') return { policy: failures };
  const text = maxFailed.replaceAll(/\s/g, '');
  if (/^\d{1,9}$/.test(text)) return { policy: { max_failed: Number(text) } };
  if (/^(?:100|\d{1,2}(?:\.\d{1,3})?)%$/.test(text)) return { policy: { max_failed: text } };
  return 'A number such as 20, or a share such as 5%';
}

/** What to send, or what is wrong beside each field. */
export function parseCrawlFields(fields: CrawlFields): CrawlRequest {
  const errors: CrawlFieldErrors = {};
  /** The value, or `invalid` with the sentence put beside the field. */
  const checked = <Value>(name: keyof CrawlFields, value: Value | string, invalid: Value): Value => {
    if (typeof value !== 'string') return value;
    errors[name] = value;
    return invalid;
  };
  const url = parseAddress(fields.url);
  if (url === null) {
    errors.url =
      fields.url.trim() === '' ? 'Enter the address of a site' : 'That is not a web address (http or https)';
  }
  const maxPages = checked('maxPages', parseWhole(fields.maxPages, FORM_LIMITS.maxPages), 0);
  const maxDepth = checked('maxDepth', parseWhole(fields.maxDepth, FORM_LIMITS.maxDepth), 0);
  const priority = checked('priority', parseWhole(fields.priority, FORM_LIMITS.priority), 0);
  const { policy } = checked<{ policy: FailurePolicy }>('maxFailed', parsePolicy(fields), {
    policy: 'continue',
  });
  const deadline = checked('deadline', parseDuration(fields.deadline, FORM_LIMITS.deadline), null);
  const timeout = checked('pageTimeout', parseDuration(fields.pageTimeout, FORM_LIMITS.pageTimeout), null);
  if (url === null || Object.keys(errors).length > 0) return { isValid: false, errors };
  return {
    isValid: true,
    job: {
      type: 'crawl',
      seeds: [url],
      limits: { max_pages: maxPages, max_depth: maxDepth },
      priority,
      failure_policy: policy,
      ...(deadline !== null && { deadline_seconds: deadline }),
      ...(timeout !== null && { child_timeout_seconds: timeout }),
    },
  };
}

const FIELD_OF_PATH: readonly (readonly [string, keyof CrawlFields])[] = [
  ['seeds', 'url'],
  ['limits.max_pages', 'maxPages'],
  ['limits.max_depth', 'maxDepth'],
  ['priority', 'priority'],
  ['failure_policy', 'maxFailed'],
  ['deadline_seconds', 'deadline'],
  ['child_timeout_seconds', 'pageTimeout'],
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
