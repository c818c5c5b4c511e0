const units = (totalSeconds: number): { hours: number; minutes: number; seconds: number } => ({
  hours: Math.floor(totalSeconds / 3600),
  minutes: Math.floor((totalSeconds % 3600) / 60),
  seconds: totalSeconds % 60,
});

/** `7s`, `3m 05s`, `2h 04m`: a running clock whose width hardly changes. Negative time, from clocks that differ, is 0. */
export function formatElapsed(ms: number): string {
  const { hours, minutes, seconds } = units(Math.max(0, Math.floor(ms / 1000)));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(seconds)}s` : `${seconds}s`;
}

/** How long one thing took: `40ms`, `1.2s`, `36s`, `3m 05s`. */
export function formatTook(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)}s` : formatElapsed(ms);
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function formatAgo(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}
