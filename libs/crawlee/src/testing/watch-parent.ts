import type { ChildView, ParentJobProgress } from '@progeny/contract';

export type Seen = ParentJobProgress;

const ENDED: readonly string[] = ['completed', 'failed', 'cancelled'];

/** Asks how a parent stands and, as long as it has not ended, waits for the next change. Resolves with all that it saw. */
export async function watchParent(managerUrl: string, jobId: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  let etag: string | null = null;
  while (!ENDED.includes(seen.at(-1)?.status ?? '')) {
    const response: Response = await fetch(`${managerUrl}/v1/jobs/${jobId}/progress?wait=25`, {
      headers: etag === null ? {} : { 'if-none-match': etag },
    });
    etag = response.headers.get('etag');
    if (response.status === 304) continue;
    if (!response.ok) throw new Error(`the manager answered ${response.status}`);
    seen.push((await response.json()) as Seen);
  }
  return seen;
}

export async function childrenOf(managerUrl: string, jobId: string): Promise<ChildView[]> {
  const children: ChildView[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor && `&cursor=${cursor}`;
    const response = await fetch(`${managerUrl}/v1/jobs/${jobId}/children?limit=200${more}`);
    const page = (await response.json()) as { children: ChildView[]; next_cursor: string | null };
    children.push(...page.children);
    cursor = page.next_cursor;
  }
  return children;
}
