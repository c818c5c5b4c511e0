import type { ParentJobProgress } from '@progeny/contract';
import { colors } from '../colors.ts';

const BAR_MAX = 24;
const BAR_MIN = 6;

type Bucket = 'completed_children' | 'failed_children' | 'cancelled_children' | 'skipped_children';
const SHADES: readonly { bucket: Bucket; paint: (text: string) => string }[] = [
  { bucket: 'completed_children', paint: colors.green },
  { bucket: 'failed_children', paint: colors.red },
  { bucket: 'cancelled_children', paint: colors.yellow },
  { bucket: 'skipped_children', paint: colors.gray },
];

/**
 * Bar, percent, the exact progress text and the page's address, in one line that never wraps: what does not fit is
 * left out, the address first, then the bar.
 */
export function progressLine(
  progress: ParentJobProgress,
  { columns, address }: { columns: number; address: string },
): string {
  const percent = `${String(progress.progress_percentage).padStart(3)} %`;
  const room = columns - 1 - (2 + percent.length + 2 + progress.progress_text.length);
  const showAddress = room >= BAR_MIN + 1 + 2 + address.length;
  const barWidth = Math.min(BAR_MAX, room - 1 - (showAddress ? 2 + address.length : 0));
  return [
    '  ',
    barWidth >= BAR_MIN ? `${bar(progress, barWidth)} ` : '',
    `${colors.bold(percent)}  ${progress.progress_text}`,
    showAddress ? `  ${colors.cyan(address)}` : '',
  ].join('');
}

/** One stretch for each bucket that has ended; every bucket that has anything gets its share, rounded down. */
function bar(progress: ParentJobProgress, width: number): string {
  const total = Math.max(progress.total_children, 1);
  const stretches = SHADES.map(({ bucket, paint }) => {
    const cells = Math.floor((Math.max(progress[bucket], 0) / total) * width);
    return { cells, text: paint('█'.repeat(cells)) };
  });
  const ended = progress.progress_percentage === 100;
  const used = stretches.reduce((sum, { cells }) => sum + cells, 0);
  // Rounding down would leave a gap at the end, when there is none to leave.
  const rest = ended ? colors.green('█'.repeat(width - used)) : colors.dim('░'.repeat(width - used));
  const text = stretches.map((stretch) => stretch.text).join('');
  return ended ? rest + text : text + rest;
}
