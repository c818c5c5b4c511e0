/**
 * Calls back when a browser comes online, or its tab is shown again after timers and sockets may have been frozen.
 * Outside a browser it never does.
 */
export function onWake(callback: () => void): () => void {
  if (typeof document === 'undefined' || typeof addEventListener === 'undefined') return () => undefined;
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') callback();
  };
  const stop = new AbortController();
  addEventListener('online', callback, { signal: stop.signal });
  addEventListener('pageshow', (event) => event.persisted && callback(), { signal: stop.signal });
  document.addEventListener('visibilitychange', onVisible, { signal: stop.signal });
  return () => stop.abort();
}
