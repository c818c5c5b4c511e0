import type { RunReport } from './run-faults.ts';

/** What was done and looked at, for a terminal. */
export function reportTable({ faults, looked }: Pick<RunReport, 'faults' | 'looked'>): string {
  const rows = [...[...faults].sort(([a], [b]) => a.localeCompare(b)), ...Object.entries(looked)];
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = ([name, count]: [string, number]) =>
    `  ${name.padEnd(width)}  ${count.toLocaleString('en-US').padStart(10)}`;
  const faultRows = rows.slice(0, faults.size);
  return ['faults', ...faultRows.map(line), '', 'looked at', ...rows.slice(faults.size).map(line)].join('\n');
}
