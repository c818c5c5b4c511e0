import type { AddOp } from './batch.ts';
import type { IdCache } from './id-cache.ts';
import type { ManagerApi } from './manager-api.ts';
import type { ParentState } from './parent-state.ts';
import { AwayError, nameOf } from './sender.ts';
import { MANAGER_LIMITS } from './wire.ts';

interface ChildPage {
  children: { key: string; job_id: string }[];
  next_cursor: string | null;
}

/**
 * The ids of these children of a parent that takes no more, by key: those that are known, else from its list, of which
 * all is noted. AwayError as of a round.
 */
export async function findChildren(
  { api, ids }: { api: ManagerApi; ids: IdCache },
  parent: ParentState,
  ops: readonly AddOp[],
): Promise<Map<string, string>> {
  const wanted = new Set(ops.map(({ child }) => child.key));
  const found = new Map<string, string>();
  for (const key of wanted) {
    const id = ids.get(nameOf(parent, key));
    if (id !== undefined) found.set(key, id);
  }
  if (found.size === wanted.size) return found;
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`;
    const answer = await api.get(`/v1/jobs/${parent.id}/children?limit=${MANAGER_LIMITS.listPageMax}${more}`);
    if (answer.kind === 'away') throw new AwayError(answer.reason);
    if (answer.kind === 'refused') break;
    const page = answer.body as ChildPage;
    for (const { key, job_id } of page.children) {
      ids.set(nameOf(parent, key), job_id);
      if (wanted.has(key)) found.set(key, job_id);
    }
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}
