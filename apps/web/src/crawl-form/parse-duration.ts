const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DURATION = /^(\d+(?:\.\d+)?)\s*(s|m|h|d|secs?|mins?|seconds?|minutes?|hours?|days?)$/i;

/** `30s`, `5 min`, `2h`, `1.5 d` in whole seconds; null for nothing; for anything else what is wrong with it. */
export function parseDuration(text: string, { maxSeconds }: { maxSeconds: number }): number | null | string {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return `Say the unit too: ${trimmed}s, ${trimmed}m or ${trimmed}h`;
  const [, amount, unit = ''] = DURATION.exec(trimmed) ?? [];
  if (amount === undefined) return 'A time such as 30s, 5m, 2h or 1d';
  const seconds = Math.round(Number(amount) * (UNIT_SECONDS[unit.charAt(0).toLowerCase()] ?? 0));
  if (seconds < 1) return 'At least 1 second';
  return seconds > maxSeconds ? `At most ${daysInWords(maxSeconds)}` : seconds;
}

function daysInWords(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}
