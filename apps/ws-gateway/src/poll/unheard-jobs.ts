import { LIMITS } from '@progeny/contract';
import type { BackupPollParts } from './backup-poll.ts';

/** Pages of the newest jobs that one poll reads: 10,000 jobs. Of more than that in one go the oldest are left out. */
const PAGES_MAX = 50;
/** Jobs are looked for from so long before the last look on: one may be committed late, and clocks differ. */
const OVERLAP_MS = 10_000;

/**
 * Jobs of a tenant of which not even the first event came; those who watch everything want them, but no old history.
 * Each look goes back to the one before, so that a job is found though it came and went while the bus was away.
 */
export function createUnheardReader({ hub, store, silentForMs, now }: BackupPollParts) {
  const lookedUntilMs = new Map<string, number>();

  return async (tenantId: string, bornBeforeMs: number): Promise<string[]> => {
    const lastLookMs = lookedUntilMs.get(tenantId) ?? bornBeforeMs;
    const sinceMs = Math.min(lastLookMs, now() - 2 * silentForMs) - OVERLAP_MS;
    const unheard: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { jobs, next_cursor } = await store.as({ tenantId }).listParents({
        owner: { tenantId },
        limit: LIMITS.listPageMax,
        ...(cursor !== null && { cursor }),
      });
      for (const { job_id, created_at, finished_at } of jobs) {
        const passed = hub.passed(job_id);
        // One whose end was told and that runs was retried, unheard.
        const isKnown = passed && !(passed.endTold && finished_at === null);
        if (isKnown || Date.parse(created_at) > bornBeforeMs) continue;
        if (finished_at === null || Date.parse(finished_at) >= sinceMs) unheard.push(job_id);
      }
      const oldest = jobs.at(-1);
      cursor = next_cursor;
      if (cursor === null || !oldest || Date.parse(oldest.created_at) < sinceMs) break;
    }
    // Of a tenant that nobody watches any more nothing is kept.
    const watched = new Set(hub.tenantsOfAll);
    for (const known of lookedUntilMs.keys()) if (!watched.has(known)) lookedUntilMs.delete(known);
    lookedUntilMs.set(tenantId, bornBeforeMs);
    return unheard;
  };
}
