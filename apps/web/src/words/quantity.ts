const grouped = new Intl.NumberFormat('en');

/** `12,345`. */
export const formatCount = (count: number): string => grouped.format(count);

/** `512 B`, `14.2 kB`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const inUnit =
    bytes < 1_000_000 ? { value: bytes / 1000, unit: 'kB' } : { value: bytes / 1_000_000, unit: 'MB' };
  return `${inUnit.value.toFixed(1)} ${inUnit.unit}`;
}

/** Two digits that matter: `0.4`, `7.3`, `120`. */
export const formatRate = (perSecond: number): string =>
  perSecond < 100 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
