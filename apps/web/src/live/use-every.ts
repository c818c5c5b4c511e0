import { useEffect, useEffectEvent } from 'react';

/** Does it every so often while somebody looks, and at once when somebody looks again. */
export function useEvery(everyMs: number, action: () => void): void {
  const run = useEffectEvent(action);
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') run();
    };
    const timer = setInterval(look, everyMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [everyMs]);
}
