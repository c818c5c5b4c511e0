import type { JobStatusChange, ReportAnswer } from '@progeny/contract';
import { type ChildState, decideReport, retryDelayMs, type TriedChild } from '@progeny/core';
import type { ChildReport } from '@progeny/job-store';
import type { Query } from './database.ts';
import { insertChildren } from './insert-children.ts';
import { IS_SEEN, lockParents } from './lock-parents.ts';
import { type Move, moveChildren } from './move-children.ts';
import { type MovedRow, toStatusChanges } from './status-change.ts';

interface ChildRow extends TriedChild {
  id: string;
  parent_id: string;
}

interface Decided {
  answers: ReportAnswer[];
  /** Rounds of moves: a child that occurs twice moves once in each, in the order of its reports. */
  rounds: Move[][];
  applied: { report: ChildReport; parentId: string; retrying: boolean }[];
}

export async function report(
  query: Query,
  reports: readonly ChildReport[],
): Promise<{ answers: ReportAnswer[]; changes: JobStatusChange[] }> {
  const parents = await lockParentsOfFinders(query, reports);
  const { answers, rounds, applied } = decide(await lockChildren(query, reports), reports);
  const moved: MovedRow[] = [];
  for (const moves of rounds) moved.push(...(await moveChildren(query, moves)));
  for (const { report: finder, parentId, retrying } of applied) {
    const parent = parents.get(parentId);
    if (!finder.children?.length || retrying || !parent || parent.stop_reason) continue;
    moved.push(...(await insertChildren(query, parent, finder.children)));
  }
  await storeTexts(
    query,
    applied.map((entry) => entry.report),
  );
  return { answers, changes: toStatusChanges(moved) };
}

async function lockParentsOfFinders(query: Query, reports: readonly ChildReport[]) {
  const finders = reports.filter((entry) => entry.children?.length).map((entry) => entry.jobId);
  if (finders.length === 0) return new Map();
  const rows = await query<{ parent_id: string }>(
    'SELECT DISTINCT parent_id FROM job WHERE id = ANY($1::uuid[]) AND NOT is_parent',
    [finders],
  );
  const parents = await lockParents(
    query,
    rows.map((row) => row.parent_id),
  );
  return new Map(parents.map((parent) => [parent.job_id, parent]));
}

/** In the order of ids, so that two batches with the same children never wait for each other. */
async function lockChildren(query: Query, reports: readonly ChildReport[]): Promise<Map<string, ChildRow>> {
  const rows = await query<ChildRow>(
    `SELECT id, parent_id, status, attempt, run_base AS "runBase" FROM job j
      WHERE id = ANY($1::uuid[]) AND NOT is_parent AND ${IS_SEEN} ORDER BY id FOR UPDATE`,
    [reports.map((entry) => entry.jobId)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function decide(children: Map<string, ChildRow>, reports: readonly ChildReport[]): Decided {
  const decided: Decided = { answers: [], rounds: [], applied: [] };
  const roundOf = new Map<string, number>();
  for (const entry of reports) {
    const child = children.get(entry.jobId);
    if (!child) {
      decided.answers.push({ job_id: entry.jobId, outcome: 'unknown_job', status: null, attempt: null });
      continue;
    }
    const decision = decideReport(child, entry);
    if ('to' in decision) {
      const to: ChildState = { status: decision.to, attempt: entry.attempt };
      const round = roundOf.get(child.id) ?? 0;
      roundOf.set(child.id, round + 1);
      decided.rounds[round] ??= [];
      decided.rounds[round].push({
        jobId: child.id,
        expected: { status: child.status, attempt: child.attempt },
        to,
        ...(decision.outcome === 'retrying' && { delayMs: retryDelayMs(entry.attempt - child.runBase) }),
        result: entry.result,
        error: entry.error,
      });
      decided.applied.push({
        report: entry,
        parentId: child.parent_id,
        retrying: decision.outcome === 'retrying',
      });
      child.status = to.status;
      child.attempt = to.attempt;
    }
    decided.answers.push({
      job_id: child.id,
      outcome: decision.outcome,
      status: child.status,
      attempt: child.attempt,
    });
  }
  return decided;
}

async function storeTexts(query: Query, reports: readonly ChildReport[]): Promise<void> {
  const texts = new Map(
    reports.flatMap((entry) => (entry.text === undefined ? [] : [[entry.jobId, entry.text]])),
  );
  if (texts.size === 0) return;
  await query(
    `INSERT INTO page_text (job_id, text) SELECT * FROM unnest($1::uuid[], $2::text[])
     ON CONFLICT (job_id) DO UPDATE SET text = excluded.text`,
    [[...texts.keys()], [...texts.values()]],
  );
}
