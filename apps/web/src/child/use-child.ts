import type { ChildProgress } from '@progeny/client';
import type { ChildView } from '@progeny/contract';
import { useChildProgress, useProgenyClient } from '@progeny/react';
import { useEffect, useEffectEvent } from 'react';

/**
 * A child as it is now: what was read of it, with the newest of its status and its stage. What stands in its row alone,
 * such as its result, is read again when the status changes.
 */
export function useChild(read: ChildView, refresh: () => void): ChildView {
  const client = useProgenyClient();
  const live = useChildProgress(read.job_id);
  const reload = useEffectEvent(refresh);
  useEffect(() => client.accept(progressOf(read)), [client, read]);
  const newer = live && isNews(live, read) ? live : null;
  // What is queued may have begun without having told of a stage: the row knows.
  const isUnclear = newer !== null && (newer.status === 'pending' || newer.status !== read.status);
  const news = isUnclear ? `${newer.status} ${newer.version}` : null;
  useEffect(() => {
    if (news !== null) reload();
  }, [news]);
  return newer ? { ...read, ...newer } : read;
}

/** A start or an end has no version of its own: what is as old as the reading is newer when it says more than queued. */
const isNews = (live: ChildProgress, read: ChildView): boolean =>
  live.version > read.version || (live.version === read.version && live.status !== 'pending');

/** What a child's row says of its progress, and nothing else of it. */
const progressOf = (child: ChildView): ChildProgress => ({
  job_id: child.job_id,
  version: child.version,
  status: child.status,
  progress_percentage: child.progress_percentage,
  progress_stage: child.progress_stage,
  progress_label: child.progress_label,
});
