import { type JobError, LIMITS } from '@progeny/contract';
import { type ChildState, isEnded } from '@progeny/core';
import type { Query } from './database.ts';
import { type MovedRow, movedColumns } from './status-change.ts';

/** One decided transition. It happens only if the child still is what the decision was made on. */
export interface Move {
  jobId: string;
  expected: ChildState;
  to: ChildState;
  /** A child that becomes pending is not given out before. */
  delayMs?: number;
  result?: Record<string, unknown> | undefined;
  error?: JobError | undefined;
}

/**
 * The guarded transition: moves the rows and appends the deltas in one statement, only for rows that really
 * changed. Returns those.
 */
export function moveChildren(query: Query, moves: readonly Move[]): Promise<MovedRow[]> {
  return query<MovedRow>(MOVE_CHILDREN, [
    moves.map((move) => move.jobId),
    moves.map((move) => move.expected.status),
    moves.map((move) => move.expected.attempt),
    moves.map((move) => move.to.status),
    moves.map((move) => move.to.attempt),
    moves.map((move) => move.delayMs ?? 0),
    moves.map((move) => (move.result ? JSON.stringify(move.result) : null)),
    moves.map((move) => (move.error ? JSON.stringify(move.error) : null)),
    moves.map((move) => isEnded(move.to.status)),
  ]);
}

/**
 * Appends the deltas of `moved`, which has the columns of MovedRow: one for all that made the same move, with as many of
 * their ids as the log keeps.
 */
export const APPEND_DELTAS = `
  INSERT INTO job_delta (parent_id, from_status, to_status, count, job_ids)
  SELECT parent_id, from_status, status, count(*),
         (array_agg(id ORDER BY id))[greatest(1, count(*) - ${LIMITS.logLinesKept - 1}):]
    FROM moved WHERE from_status IS DISTINCT FROM status
   GROUP BY parent_id, from_status, status`;

/** One that runs outside has no lease of its own, but no longer than its parent allows for a try. */
const TIMES_OUT_AT = `CASE WHEN m.to_status = 'running' THEN (
      SELECT now() + p.child_timeout_ms * interval '1 millisecond' FROM parent_job p WHERE p.job_id = j.parent_id
    ) END`;

const MOVE_CHILDREN = `
WITH move AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::int[], $6::int[],
                       $7::text[], $8::text[], $9::boolean[])
    AS m (job_id, from_status, from_attempt, to_status, to_attempt, delay_ms, result, error, ended)
), moved AS (
  UPDATE job j SET
    status = m.to_status,
    attempt = m.to_attempt,
    version = j.version + 1,
    available_at = now() + m.delay_ms * interval '1 millisecond',
    lease_owner = NULL,
    lease_expires_at = ${TIMES_OUT_AT},
    times_out_at = ${TIMES_OUT_AT},
    progress_percentage = CASE WHEN m.to_attempt = j.attempt THEN j.progress_percentage ELSE 0 END,
    progress_stage = CASE WHEN m.to_attempt = j.attempt THEN j.progress_stage ELSE 'queued' END,
    progress_label = CASE WHEN m.to_attempt = j.attempt THEN j.progress_label ELSE '' END,
    started_at = CASE WHEN m.to_status = 'running' THEN coalesce(j.started_at, now()) ELSE j.started_at END,
    finished_at = CASE WHEN m.ended THEN now() END,
    updated_at = now(),
    result = coalesce(m.result::jsonb, j.result),
    error = CASE WHEN m.to_status = 'completed' THEN NULL ELSE coalesce(m.error::jsonb, j.error) END
  FROM move m
  WHERE j.id = m.job_id AND j.status = m.from_status AND j.attempt = m.from_attempt
  RETURNING ${movedColumns('m.from_status')}
), logged AS (${APPEND_DELTAS}
)
SELECT * FROM moved`;
