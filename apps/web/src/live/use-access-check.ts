import { useConnection } from '@progeny/react';
import { useEffect } from 'react';
import { useAccess, useApp } from '../app-context.ts';

/** A gateway that restarts is back before this. */
const CHECK_AFTER_MS = 3_000;

/** When the live connection stays away, asks the API once why: it may be away too, or no longer know who we are. */
export function useAccessCheck(): void {
  const { api } = useApp();
  const { status } = useConnection();
  const isGranted = useAccess() === 'granted';
  useEffect(() => {
    if (!isGranted || status === 'live' || status === 'polling') return;
    const timer = setTimeout(() => {
      // `access` is told of the answer; there is nothing else to do about it.
      api.listJobs({ status: null, cursor: null, limit: 1 }).catch(() => undefined);
    }, CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [api, isGranted, status]);
}
