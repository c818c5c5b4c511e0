import { isParentEnded } from '@progeny/core';
import { Pool } from 'pg';
import type { Target } from './checkers/convergence.ts';
import { checkDrift } from './checkers/ends.ts';
import { endedOf, type ParentRow, readParents } from './checkers/ledger-rows.ts';
import type { Violations } from './checkers/violations.ts';

/** Reads the ledger beside the services, and checks at each look that nothing has drifted. */
export interface LedgerWatch {
  readonly pool: Pool;
  know(jobId: string): void;
  /** How far every parent is that had not ended at the last look. Rejects while PostgreSQL is away. */
  look(): Promise<Target[]>;
  /** Parents that have not ended, at the last look. */
  readonly running: number;
  readonly looks: number;
  close(): Promise<void>;
}

export function watchLedger(databaseUrl: string, violations: Violations): LedgerWatch {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 3,
    connectionTimeoutMillis: 2_000,
    statement_timeout: 10_000,
  });
  pool.on('error', () => {}); // PostgreSQL is killed now and then
  const running = new Set<string>();
  let looks = 0;
  return {
    pool,
    know: (jobId) => void running.add(jobId),
    async look() {
      const parents = await readParents(pool, [...running]);
      looks += 1;
      checkDrift(violations, parents);
      for (const { jobId, status } of parents) if (isParentEnded(status)) running.delete(jobId);
      return parents.map(targetOf);
    },
    get running() {
      return running.size;
    },
    get looks() {
      return looks;
    },
    close: () => pool.end(),
  };
}

const targetOf = ({ jobId, version, status, children }: ParentRow): Target => ({
  jobId,
  version,
  ended: endedOf(children),
  hasEnded: isParentEnded(status),
});
