import { type ReactElement, useEffect } from 'react';
import { useAccess, useApp } from '../app-context.ts';
import { AlertIcon } from './icons.tsx';

const PROBE_EVERY_MS = 3_000;

/** Says that the API is away, and finds out when it is back even if nothing else asks. */
export function UnreachableBanner(): ReactElement | null {
  const { api } = useApp();
  const isReachable = useAccess() !== 'unreachable';
  useEffect(() => {
    if (isReachable) return;
    const timer = setInterval(() => {
      // A failure is what `access` is told of; there is nothing else to do about it.
      api.pageConfig().catch(() => undefined);
    }, PROBE_EVERY_MS);
    return () => clearInterval(timer);
  }, [api, isReachable]);
  if (isReachable) return null;
  return (
    <div className="unreachable" role="alert">
      <AlertIcon />
      <span>
        <strong>The server cannot be reached.</strong> What you see may be old. Trying again…
      </span>
    </div>
  );
}
