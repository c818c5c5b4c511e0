import type { ParentJobProgress } from '@progeny/contract';

export interface RatePoint {
  atMs: number;
  perSecond: number;
}

/** What a sparkline shows: the last two minutes, at most two points a second. */
export const HISTORY_MS = 120_000;
const POINT_GAP_MS = 500;

/** The history with one more snapshot. Within the gap the newest value replaces the last point. */
export function addRatePoint(
  history: readonly RatePoint[],
  progress: Pick<ParentJobProgress, 'children_per_second'>,
  nowMs: number,
): readonly RatePoint[] {
  const point = { atMs: nowMs, perSecond: progress.children_per_second };
  const before = history.filter(({ atMs }) => atMs >= nowMs - HISTORY_MS);
  const last = before.at(-1);
  const previous = before.at(-2);
  if (last && previous && last.atMs - previous.atMs < POINT_GAP_MS) return [...before.slice(0, -1), point];
  return [...before, point];
}

/** Points of a line in a box, oldest left, zero at the bottom, scaled to the highest. Empty below two points. */
export function sparklinePath(history: readonly RatePoint[], width: number, height: number): string {
  const first = history[0];
  const last = history.at(-1);
  if (!first || !last || history.length < 2) return '';
  const spanMs = Math.max(1, last.atMs - first.atMs);
  const top = Math.max(...history.map(({ perSecond }) => perSecond), Number.EPSILON);
  return history
    .map(({ atMs, perSecond }, index) => {
      const x = ((atMs - first.atMs) / spanMs) * width;
      const y = height - (perSecond / top) * height;
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
