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
  // An end has no version of its own: what is as old as the reading may still be newer.
  const newer = live && live.version >= read.version ? live : null;
  const news = newer && newer.status !== read.status ? `${newer.status} ${newer.version}` : null;
  useEffect(() => {
    if (news !== null) reload();
  }, [news]);
  return newer ? { ...read, ...newer } : read;
}

/** What a child's row says of its progress, and nothing else of it. */
const progressOf = (child: ChildView): ChildProgress => ({
  job_id: child.job_id,
  version: child.version,
  status: child.status,
  progress_percentage: child.progress_percentage,
  progress_stage: child.progress_stage,
  progress_label: child.progress_label,
});
