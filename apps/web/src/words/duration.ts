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

/** About how long: `12 s`, `5 min`, `3 h`, `2 d`. Negative time, from clocks that differ, is `0 s`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** A time that somebody has set, to the second: `30 s`, `1 h 30 min`, `2 d`. */
export function formatSet(totalSeconds: number): string {
  const { hours, minutes, seconds } = units(totalSeconds);
  const parts = [
    [Math.floor(hours / 24), 'd'],
    [hours % 24, 'h'],
    [minutes, 'min'],
    [seconds, 's'],
  ] as const;
  return parts.flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`])).join(' ');
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export const formatAgo = (ms: number): string => (ms < 60_000 ? 'just now' : `${formatSpan(ms)} ago`);

/** The time of day: `12:03:10`. */
export const formatClock = (atMs: number): string => clock.format(atMs);

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
