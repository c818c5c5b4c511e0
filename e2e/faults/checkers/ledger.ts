import { isEnded } from '@progeny/core';
import type { AcceptedChild } from '../load/accepted.ts';
import type { ChildRow } from './ledger-rows.ts';
import type { Violations } from './violations.ts';

export interface LedgerState {
  rows: readonly ChildRow[];
  accepted: ReadonlyMap<string, AcceptedChild>;
  contradictions: readonly string[];
  /** How often each page was fetched, and where each leads. */
  site: { hits: ReadonlyMap<string, number>; linksOf(url: string): readonly string[] };
  /** Crawls of which every page that was found must have been taken on. */
  uncancelledCrawls: ReadonlySet<string>;
}

/** No child is lost or fetched more often than its attempts say, and what was accepted is what stands there. */
export function checkLedger(violations: Violations, state: LedgerState): void {
  const complain = (what: string) => violations.add('ledger', what);
  for (const what of state.contradictions) complain(what);
  const rows = new Map(state.rows.map((row) => [row.jobId, row]));
  for (const [jobId, child] of state.accepted) {
    for (const what of faultsOfAccepted(child, rows.get(jobId))) complain(`child ${jobId} ${what}`);
  }
  for (const row of state.rows) {
    if (!isEnded(row.status)) complain(`child ${row.jobId} (${row.key}) is ${row.status} for ever`);
  }
  const attempts = new Map<string, number>();
  for (const { key, attempt } of state.rows) attempts.set(key, (attempts.get(key) ?? 0) + attempt);
  for (const [url, hits] of state.site.hits) {
    const allowed = attempts.get(url) ?? 0;
    if (hits > allowed) complain(`${url} was fetched ${hits} times in ${allowed} attempts`);
  }
  for (const what of lostPages(state)) complain(what);
}

function faultsOfAccepted(child: AcceptedChild, row: ChildRow | undefined): string[] {
  if (!row) return ['was accepted and is not in Postgres'];
  const faults: string[] = [];
  if (row.parentId !== child.parentId) faults.push('has another parent');
  if (child.key !== null && row.key !== child.key) faults.push(`is ${row.key} and was ${child.key}`);
  if (child.end !== null && row.status !== child.end) {
    faults.push(`was accepted as ${child.end} and is ${row.status}`);
  }
  if (row.attempt < child.attempt) faults.push(`was in attempt ${child.attempt} and is in ${row.attempt}`);
  return faults;
}

/** A page that completed had links, and each of them is a child. */
function lostPages({ rows, site, uncancelledCrawls }: LedgerState): string[] {
  const crawled = rows.filter(({ parentId }) => uncancelledCrawls.has(parentId));
  const known = new Set(crawled.map(({ parentId, key }) => `${parentId} ${key}`));
  return crawled
    .filter(({ status }) => status === 'completed')
    .flatMap(({ parentId, key }) =>
      site
        .linksOf(key)
        .filter((link) => !known.has(`${parentId} ${link}`))
        .map((link) => `${link} was found on ${key} and is lost`),
    );
}
